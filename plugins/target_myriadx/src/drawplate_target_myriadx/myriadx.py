# SPDX-License-Identifier: Apache-2.0
"""Step ``myriadx``: a blob for Intel Myriad X (NCS2, Luxonis OAK), and what it will do there.

Required tools: OpenVINO 2021.4.2 in an environment of its own, made on first use; no device.
Products: the blob, the prepared ONNX model that it was compiled from, a manifest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from drawplate import Artifact, Board, Build, Card, Form, Job, Metric, Preview, Verb, hookimpl
from drawplate.data import Normalisation, as_record, from_record
from drawplate.errors import ModelError
from drawplate.toolenv import ToolSpec
from drawplate_target_myriadx.options import ExportOptions, MeasureOptions
from drawplate_target_myriadx.tool import DEVICE, HOST, MYRIAD, NAME, OAK, OAK_NAME

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate_target_myriadx.blob import Blob

METRICS = {
    **dict.fromkeys(("latency_ms", "energy_mj", "celsius", "stages", "blob_bytes", "cmx_bytes", "ddr_bytes"), "lower"),
    **dict.fromkeys(("fps", "throughput", "nce_use"), "higher"),
    **dict.fromkeys(("nce_stages", "nce_cycles"), None),
}
BUDGET = {"shaves": 16, "cmx_slices": 19, "clock_mhz": 700}
BLOB, MODEL, MANIFEST = "network.blob", "model.onnx", "manifest.json"
ABOUT = {
    BLOB: "what the device runs",
    MODEL: "the prepared model that the blob was compiled from; it takes what the manifest says, bytes or numbers",
    MANIFEST: "ports, normalisation, layers and memory of the blob, and what compiled it",
}


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="compile for Intel Myriad X (NCS2, OAK), estimate or measure its latency",
        options={Verb.EXPORT: ExportOptions, Verb.MEASURE: MeasureOptions},
        accepts={Form.FLOAT, Form.QONNX},
        tools=(NAME, HOST.name, OAK_NAME, DEVICE.name),
        metrics=METRICS,
        judges="test",
        budget=BUDGET,
    )


@hookimpl
def boards() -> Mapping[str, Board]:
    """Devices with a Myriad X; a blob runs on any of them."""
    names = {"ncs2": "Neural Compute Stick 2", "oak-1": "Luxonis OAK-1", "oak-d": "Luxonis OAK-D"}
    return {
        name: Board(
            name=name,
            part="Myriad X MA2485",
            target="myriadx",
            budget={"shaves": BUDGET["shaves"], "cmx_slices": BUDGET["cmx_slices"]},
            clock_mhz=BUDGET["clock_mhz"],
            source=f"{said}; limits as OpenVINO 2021.4 states them",
        )
        for name, said in names.items()
    }


@hookimpl
def tools() -> tuple[ToolSpec, ...]:
    """The compiler, which needs a Python of its own; what measures, where there is a device."""
    return (MYRIAD, HOST, OAK, DEVICE)


@frozen(kw_only=True)
class _Export:
    """Files and settings of a build."""

    files: Mapping[str, bytes]
    plan: Mapping[str, Any]
    notes: tuple[str, ...]


def _export(model: Artifact, options: ExportOptions, job: Job) -> _Export:
    from drawplate.data.stand_in import input_range
    from drawplate.model_file import write_bytes
    from drawplate_target_myriadx.compiler import compile_model, settings, takes_bytes
    from drawplate_target_myriadx.prepare import prepare
    from drawplate_target_myriadx.reading import check_reading

    source = model.proto()
    normalisation = _normalisation(model, job)
    if options.input is None and normalisation is not None and not normalisation.of_bytes:
        options = evolve(options, input="float")
    if normalisation is not None:
        _check_half(normalisation)
    if takes_bytes(options) and normalisation is None:
        raise ModelError(
            "takes bytes, but how its pixels are normalised is not known",
            where="step 'myriadx', key 'input'",
            hint='name the data in [data], or use input = "float"',
        )
    prepared = prepare(source, activations=options.activations, pixels=normalisation if takes_bytes(options) else None)
    tool = job.tool(NAME)
    check_reading(prepared.proto, tool, job.workdir)
    compiled = compile_model(prepared.proto, options, tool, job.workdir)
    plan = settings(options, compiled)
    manifest = plan | {
        "inputs": _ports(compiled.blob.inputs),
        "outputs": _ports(compiled.blob.outputs),
        "fed": input_range(source),
        "normalisation": None if normalisation is None else as_record(normalisation),
        "layers": compiled.layers,
        "memory": dict(compiled.memory),
        "notes": prepared.notes,
    }
    files = {
        BLOB: compiled.data,
        MODEL: write_bytes(prepared.proto),
        MANIFEST: (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode(),
    }
    return _Export(files=files, plan=plan, notes=prepared.notes)


def _check_half(normalisation: Normalisation) -> None:
    """Refuse inputs that are infinite in FP16."""
    from drawplate_target_myriadx.prepare.prepare import LARGEST_HALF

    reach = max(map(abs, normalisation.fed))
    if reach > LARGEST_HALF:
        raise ModelError(
            f"is fed values up to {reach:g}, beyond FP16",
            where="the network's input",
            allowed=f"up to {LARGEST_HALF:g}",
            hint='scale the data, e.g. normalise = "standard" in [data]',
        )


def _ports(ports: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [{"name": port.name, "dtype": port.tensor.dtype, "shape": port.tensor.shape} for port in ports]


def _normalisation(model: Artifact, job: Job) -> Normalisation | None:
    from drawplate.data import normalisation_of

    found = normalisation_of(model.proto())
    if found is not None:
        return found
    return job.dataset.normalisation if job.has_data else None


@hookimpl
def preview(model: Artifact, options: Any, job: Job) -> Preview:
    """Compile the untrained model: what cannot run is named before any training, and the latency is known already."""
    from drawplate_target_myriadx.blob import read_blob
    from drawplate_target_myriadx.evidence import estimates
    from drawplate_target_myriadx.latency import load_model

    chosen = options if isinstance(options, ExportOptions) else ExportOptions()
    made = _export(model, chosen, job)
    blob = read_blob(made.files[BLOB])
    found = tuple(estimates(blob, load_model()))
    latency = next(metric for metric in found if metric.name == "latency_ms")
    line = f"estimated {latency.value:.2f} ± {latency.error:.2f} ms, {blob.header.stages} stages, {blob.size:,} bytes"
    return Preview(model=model, metrics=found, notes=(line, *made.notes))


@hookimpl
def export(model: Artifact, options: ExportOptions, job: Job) -> Build:
    """Compile the blob."""
    made = _export(model, options, job)
    for note in made.notes:
        job.note(note)
    return job.build(model, made.plan, made.files, ABOUT)


@hookimpl
def measure(subject: Artifact | Build, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    """Estimate latency and energy from the compiled stages, or measure them on a device; top-1 in FP16 on this host."""
    import onnx

    from drawplate_target_myriadx import evidence
    from drawplate_target_myriadx.advice import advice, advice_lines, layer_costs, record_waste
    from drawplate_target_myriadx.blob import read_blob
    from drawplate_target_myriadx.latency import load_model

    build = subject if isinstance(subject, Build) else export(subject, ExportOptions(), job)
    manifest = json.loads(build.path(MANIFEST).read_text(encoding="utf-8"))
    blob, model, proto = read_blob(build.path(BLOB).read_bytes()), load_model(), onnx.load(build.path(MODEL))
    rows, costs = list(evidence.stage_rows(blob, manifest["layers"], model)), layer_costs(proto)
    evidence.record_stages(job, rows)
    record_waste(job, costs, model)
    for line in advice_lines(costs, model):
        job.note(line)
    return (
        *_accuracy(proto, manifest, options, job),
        *_latency(build, blob, manifest["device"], options, job),
        *evidence.counts(blob, manifest["memory"]),
        *evidence.by_layer(rows),
        *advice(costs, model),
    )


def _accuracy(proto: ModelProto, manifest: Mapping[str, Any], options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    from drawplate.data import NO_DATA
    from drawplate_target_myriadx.host import accuracy, agreement

    if not options.accuracy:
        return ()
    if not job.has_data:
        job.note(f"{NO_DATA}; {agreement(proto, manifest, options)}")
        return ()
    given = manifest["normalisation"] if manifest["input"] == "float" else None
    normalisation = None if given is None else from_record(given)
    return accuracy(proto, normalisation, options, job)


def _latency(build: Build, blob: Blob, device: str, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    """Measure where a device answers, or estimate."""
    from drawplate_target_myriadx.device import measure_blob
    from drawplate_target_myriadx.device.metrics import answers, measured, record_layers
    from drawplate_target_myriadx.evidence import energy, estimates
    from drawplate_target_myriadx.latency import load_model

    estimated = tuple(estimates(blob, load_model()))
    if options.run == "estimate" or (options.run == "auto" and not answers(device)):
        return estimated
    tool = job.tool(NAME if device == "ncs2" else OAK_NAME)
    expected = next(metric.value for metric in estimated if metric.name == "latency_ms")
    found = measure_blob(tool, build.path(BLOB), options.runs, expected)
    record_layers(job, found)
    used = energy(found.median_ms, found.spread_ms / found.median_ms, load_model())
    return (*measured(found, blob.header.batch), used)
