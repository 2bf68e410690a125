# SPDX-License-Identifier: Apache-2.0
"""Step ``ort``: the target that is always there, ONNX Runtime on this host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact, Form
from drawplate.build import Build
from drawplate.card import Card, Preview, Verb
from drawplate.errors import ModelError
from drawplate.hookspecs import hookimpl
from drawplate.job import Job
from drawplate.metric import Metric, Source
from drawplate.options import option

if TYPE_CHECKING:
    from onnx import ModelProto

MODEL = "model.onnx"
NETWORK = "network.onnx"
"""The model without what the door left to the host; only where that is anything."""

ABOUT = {
    MODEL: "the model in standard operators, constants folded: give it what the original was given",
    NETWORK: "the same without what the host does at its ends: what `vectors.npz` is for",
    "selftest.py": "runs the model on `vectors.npz`; needs numpy and onnxruntime",
}


@frozen(kw_only=True)
class ExportOptions:
    """Options of export: none."""


@frozen(kw_only=True)
class MeasureOptions:
    """Options of measure."""

    accuracy: bool = option("Whether the task's metrics are measured on the test split.", default=True)
    limit: int | None = option("Measure them on the first so many test images.", default=None, at_least=1)
    threads: int = option("Threads of one operator.", default=1, at_least=1, at_most=1024)
    batch: int = option("Images at once for the throughput.", default=64, at_least=1, unit="images")
    runs: int = option("Timed runs.", default=100, at_least=1)
    warmup: int = option("Runs before the timed ones.", default=10, at_least=0)


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="export to ONNX Runtime, and measure accuracy and speed on this host",
        options={Verb.EXPORT: ExportOptions, Verb.MEASURE: MeasureOptions},
        accepts={Form.FLOAT, Form.QONNX},
        metrics={
            **dict.fromkeys(("latency_ms", "latency_p95_ms", "params", "macs", "file_bytes"), "lower"),
            "throughput": "higher",
        },
        judges="test",
    )


@hookimpl
def preview(model: Artifact) -> Preview:
    """Refuse what ONNX Runtime cannot run, by layer name."""
    from drawplate.ort import check_supported, to_standard_onnx

    _check_io(model)
    check_supported(to_standard_onnx(model.proto()))
    return Preview(model=model)


@hookimpl
def export(model: Artifact, job: Job) -> Build:
    """Fold constants (and BatchNormalization, in a float model) and write one file of standard operators."""
    from importlib.metadata import version
    from importlib.resources import files as resources

    from drawplate.door import ends_of, put_back
    from drawplate.model_file import write_bytes
    from drawplate.ort import optimise
    from drawplate.ort.agreement import agreement

    _check_io(model)
    proto, exact = model.proto(), model.form is Form.QONNX
    plan = {"exact": exact, "onnxruntime": version("onnxruntime"), "size": _size(proto)}
    network = optimise(proto, exact=exact)
    job.note(agreement(proto, network, exact=exact))
    files = {MODEL: write_bytes(network)}
    if ends_of(proto):
        files = {MODEL: write_bytes(optimise(put_back(proto), exact=exact)), NETWORK: write_bytes(network)}
    files["selftest.py"] = resources("drawplate.ort").joinpath("selftest.py").read_bytes()
    return job.build(model, plan, files, ABOUT)


@hookimpl
def measure(subject: Artifact | Build, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    """Measure accuracy, latency at batch 1 and throughput at ``batch``, each with processor and threads."""
    from drawplate.ort import to_standard_onnx
    from drawplate.ort.session import open_session

    if isinstance(subject, Build):
        path, size, exact = subject.path(MODEL), subject.plan["size"], bool(subject.plan["exact"])
        network = subject.path(NETWORK) if NETWORK in subject.files else path
        proto = _load(network)
        session = open_session(path, threads=options.threads, exact=exact)
        judged = session if network == path else open_session(network, threads=options.threads, exact=exact)
    else:
        _check_io(subject)
        path, exact = subject.path, subject.form is Form.QONNX
        proto = subject.proto()
        size = _size(proto)
        session = judged = open_session(to_standard_onnx(proto), threads=options.threads, exact=exact)
    accuracy = _accuracy(judged, proto, options, job) if options.accuracy else ()
    return (
        *accuracy,
        *_speed(session, options),
        Metric(name="params", value=size["params"], unit="", source=Source.MEASURED, note="counted in the graph"),
        Metric(name="macs", value=size["macs"], unit="", source=Source.MEASURED, note=_macs_note(size)),
        Metric(name="file_bytes", value=path.stat().st_size, unit="B", source=Source.MEASURED),
    )


def _accuracy(session: Any, proto: ModelProto, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    from drawplate.data import NO_DATA
    from drawplate.ort.accuracy import measured

    if not job.has_data:
        job.note(NO_DATA)
        return ()
    return measured(session, proto, job.data("test").first(options.limit), job.dataset)


def _speed(session: Any, options: MeasureOptions) -> tuple[Metric, ...]:
    import numpy as np

    from drawplate.ort.accuracy import fixed_batch
    from drawplate.ort.timing import latency, throughput, time_runs
    from drawplate.processor import processor

    taken = session.get_inputs()[0]
    random = np.random.default_rng(0)

    def seconds(batch: int, runs: int) -> list[float]:
        shape, kind = (batch, *taken.shape[1:]), taken.type.removeprefix("tensor(").removesuffix(")")
        if "int" in kind:
            images = random.integers(0, 128, shape).astype(kind)
        else:
            images = random.standard_normal(shape).astype({"double": np.float64}.get(kind, np.float32))
        return time_runs(session, images, runs=runs, warmup=min(options.warmup, runs))

    host = f"{options.threads} thread{'s' if options.threads > 1 else ''}, {processor()}"
    single, many = fixed_batch(session) or 1, fixed_batch(session) or options.batch
    return (
        *latency(seconds(single, options.runs), f"batch {single}, {host}"),
        throughput(seconds(many, max(5, options.runs // 10)), many, f"batch {many}, {host}"),
    )


def _check_io(model: Artifact) -> None:
    """Refuse a model that cannot be fed one batch of float images."""
    if len(model.inputs) != 1 or not model.outputs:
        names = ", ".join(repr(spec.name) for spec in model.inputs)
        raise ModelError(
            f"has {len(model.inputs)} inputs ({names})",
            where="ort",
            allowed="one input, an output",
            hint="make constants of the others (initializers of the same names)",
        )
    images = model.inputs[0]
    if images.dtype != "float32" or not images.shape or any(isinstance(size, str) for size in images.shape[1:]):
        raise ModelError(
            f"input {images.name!r} is {images.dtype} {list(images.shape)}",
            where="ort",
            allowed="float32 with every dimension but the batch fixed",
        )


def _size(proto: ModelProto) -> dict[str, Any]:
    from drawplate.count import count_parameters, macs_of

    macs = macs_of(proto)
    return {"params": count_parameters(proto), "macs": macs.count, "uncounted": list(macs.left_out)}


def _macs_note(size: Mapping[str, Any]) -> str:
    left_out = size.get("uncounted", ())
    if not left_out:
        return "counted, for one image"
    return f"counted, for one image; left out, their shapes being unknown: {', '.join(left_out)}"


def _load(path: Any) -> ModelProto:
    import onnx

    return onnx.load(path)
