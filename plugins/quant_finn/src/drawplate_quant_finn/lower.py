# SPDX-License-Identifier: Apache-2.0
"""Step ``lower``: a quantized model into FINN's integer hardware layers (QONNX to DATAFLOW), exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drawplate import Artifact, Card, Form, Job, Metric, Preview, Verb, hookimpl
from drawplate.toolenv import PythonTool, ToolSpec
from drawplate.toolenv.spec import Caller
from drawplate_quant_finn.options import LowerOptions

if TYPE_CHECKING:
    from drawplate_quant_finn.lowering.network import Lowering

HERE = Path(__file__).parent / "finn_tool"
TRIED = 8
"""Random inputs that a plan proves a model on."""
PROVEN = 32
"""Codes of a layer and batch on which float32 differs that a plan proves; a run proves all."""


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="into FINN's integer hardware layers, every code proved equal",
        options={Verb.COMPRESS: LowerOptions},
        accepts={Form.QONNX},
        returns=Form.DATAFLOW,
        keeps_io=False,
        tools=("finn",),
        consults={"dataflow_layers": None},
    )


@hookimpl
def tools() -> tuple[ToolSpec, ...]:
    """FINN+'s front end, without torch and Vivado."""
    return (
        PythonTool(
            name="finn",
            summary="FINN+ 1.6.1: lowers quantized models, estimates hardware",
            python=">=3.11,<3.13",
            lock=HERE / "requirements.lock",
            worker=HERE / "worker.py",
            question=_ask,
        ),
    )


def _ask(call: Caller, folder: Path) -> list[float]:
    """Have FINN's executor run the network whose answer is known."""
    import numpy as np

    from drawplate.known import images, network

    source, given, results = folder / "known.onnx", folder / "known-in.npy", folder / "known-out.npy"
    source.write_bytes(network().SerializeToString())
    np.save(given, images())
    call("execute", model=str(source), inputs=str(given), outputs=str(results))
    return [float(value) for value in np.load(results).ravel()]


@hookimpl
def preview(model: Artifact, options: LowerOptions, job: Job) -> Preview:
    """Lower the model as it is, and prove it on a few inputs: what cannot be is named before anything is trained."""
    from drawplate.data.stand_in import stand_in
    from drawplate_quant_finn.lowering.network import lowering
    from drawplate_quant_finn.lowering.proof.compare import compare

    result = lowering(model.proto(), options)
    fed = result.fed(stand_in(model.proto(), TRIED, job.seed).x)
    compare(result, fed, allowed=options.rounded_share, proven=PROVEN)
    layers = [node.op_type for node in result.proto.graph.node if node.domain.startswith("finn.")]
    return Preview(
        model=job.save(result.proto, Form.DATAFLOW, (model,)),
        notes=(f"{len(layers)} hardware layers, {layers.count('MVAU')} of them with weights",),
    )


@hookimpl
def compress(model: Artifact, options: LowerOptions, job: Job) -> Artifact:
    """Lower the model, prove every code of every layer on test examples, and ask FINN+ for a second opinion."""
    from drawplate_quant_finn.lowering.network import lowering

    result = lowering(model.proto(), options)
    if job.has_data:
        _prove_on_data(result, model, options, job)
    else:
        _prove_on_random_inputs(result, model, options, job)
    if options.finn:
        job.note(_second_opinion(result, options, job))
    return job.save(result.proto, Form.DATAFLOW, (model,))


def _prove_on_data(result: Lowering, model: Artifact, options: LowerOptions, job: Job) -> None:
    """Compare on test examples, and note what either model makes of them."""
    from drawplate import Source
    from drawplate.data import normalisation_of
    from drawplate.task import judge
    from drawplate_quant_finn.lowering.proof.compare import compare

    proto, split = model.proto(), job.data("test")
    split = split.first(options.check_images or len(split))
    normalisation = normalisation_of(proto) or job.dataset.normalisation
    fed = result.fed(normalisation.apply(split.x))
    with job.progress(f"{job.step}: proving codes on test examples", len(fed)) as bar:
        found = compare(result, fed, allowed=options.rounded_share, tell=bar.advance)
    mine, theirs = (
        judge(outputs, split, job.dataset, source=Source.MEASURED, normalisation=normalisation)[0]
        for outputs in (found.outputs, found.float32)
    )
    job.note(
        f"lowered model: {mine.name} {_figure(mine)} in integers, {_figure(theirs)} as QONNX, on "
        f"{found.items:,} test examples; " + "; ".join(filter(None, (mine.note, found.said)))
    )


def _figure(metric: Metric) -> str:
    return (
        f"{metric.value:.2f} {metric.unit}" if metric.unit[:1] == "%" else f"{metric.value:.4g} {metric.unit}".strip()
    )


def _prove_on_random_inputs(result: Lowering, model: Artifact, options: LowerOptions, job: Job) -> None:
    """Compare on inputs over the whole of their range; there is nothing to be right about."""
    from drawplate.data import NO_DATA
    from drawplate.data.stand_in import stand_in
    from drawplate_quant_finn.lowering.proof.compare import compare

    drawn = stand_in(model.proto(), seed=job.seed)
    found = compare(result, result.fed(drawn.x), allowed=options.rounded_share)
    job.note(f"{drawn.said}: {found.said}; {NO_DATA}")


def _second_opinion(result: Lowering, options: LowerOptions, job: Job) -> str:
    from drawplate.errors import ToolMissing
    from drawplate_quant_finn.lowering.finn.model import FinnRefuses, lowered_by_finn
    from drawplate_quant_finn.lowering.finn.second import LoweredOtherwise, compare_with_finn

    try:
        finn = lowered_by_finn(result, job.tool("finn"), job.workdir, options.finn_seconds)
    except ToolMissing as missing:
        return f"FINN+ is not here for a second opinion ({missing.what}); proved by exact arithmetic alone"
    except FinnRefuses as refusal:
        return f"FINN+ does not lower this: {refusal.what}; proved by exact arithmetic alone"
    try:
        second = compare_with_finn(result, finn)
    except LoweredOtherwise as otherwise:
        return f"FINN+ lowers it otherwise ({otherwise}); exact arithmetic, which proved every code, decides"
    return (
        f"FINN+ lowers it to the same layers and weights; of {second.compared:,} thresholds, {second.off:,} are off in "
        "FINN+ by float32's rounding"
    )
