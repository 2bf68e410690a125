# SPDX-License-Identifier: Apache-2.0
"""Step ``lower``: a quantized model into FINN's integer hardware layers (QONNX to DATAFLOW)."""

from __future__ import annotations

from pathlib import Path

from drawplate import Artifact, Card, Form, Job, Preview, Verb, hookimpl
from drawplate.toolenv import PythonTool, ToolSpec
from drawplate.toolenv.spec import Caller
from drawplate_quant_finn.options import LowerOptions

HERE = Path(__file__).parent / "finn_tool"


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="streamline into integer hardware layers (FINN+), proved equal on the test images",
        options={Verb.COMPRESS: LowerOptions},
        accepts={Form.QONNX},
        returns=Form.DATAFLOW,
        keeps_io=False,
        tools=("finn",),
        consults={"torch_ops": None},
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
    """Lower the untrained model: what cannot be lowered is named before anything is trained."""
    from drawplate_quant_finn.lowering import lowered

    result = lowered(model.proto(), job.tool("finn"), job.workdir, options)
    layers = [node.op_type for node in result.graph.node if node.domain.startswith("finn.")]
    return Preview(
        model=job.save(result, Form.DATAFLOW, (model,)),
        notes=(f"{len(layers)} hardware layers, {layers.count('MVAU')} of them with weights",),
    )


@hookimpl
def compress(model: Artifact, options: LowerOptions, job: Job) -> Artifact:
    """Lower the model, run it in integers, and compare its predictions on test images."""
    import numpy as np

    from drawplate.data import normalisation_of
    from drawplate_quant_finn.codes import codes_of, has_input_quantizer
    from drawplate_quant_finn.compare import compare
    from drawplate_quant_finn.lowering import lowered

    proto = model.proto()
    result = lowered(model.proto(), job.tool("finn"), job.workdir, options)
    split = job.data("test")
    images = (normalisation_of(proto) or job.dataset.normalisation).apply(split.x[: options.check_images])
    if not has_input_quantizer(proto):  # then the hardware sees the nearest codes, and so must the model
        codes = codes_of(result)
        assert codes is not None
        images = codes.of(images) * np.float32(codes.scale)
    found = compare(proto, result, images, split.y[: options.check_images], job.contributions("torch_ops"))
    job.note(
        f"lowered model: top-1 {found.top1:.2f} % in integers, {found.reference_top1:.2f} % as QONNX, on "
        f"{found.images} test images; predictions equal but for {found.tied} images whose two best logits are the same "
        f"integer, and {found.rounded} where a float32 sum lies on a threshold to within rounding"
    )
    return job.save(result, Form.DATAFLOW, (model,))
