# SPDX-License-Identifier: Apache-2.0
"""Prove that a lowered model predicts what its QONNX model predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.errors import StepFailed
from drawplate_quant_finn.codes import codes_of
from drawplate_quant_finn.graph import Graph, attribute, is_quantizer
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.integer import run_integer, run_values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    Images = NDArray[np.float32]

TIE = 1e-3
"""Share of a step by which a float sum may miss the half-way point: float32 rounding, not an error of lowering."""

NOISE = 1e-5
"""Share of the largest logit by which float32 may tell two equal logits apart."""


@frozen
class Agreement:
    """How two models agree."""

    images: int
    tied: int
    """Predictions that differ because the two best logits are the same integer: float noise chose between them."""
    rounded: int
    """Predictions that differ because a float sum lies on a threshold to within rounding."""
    top1: float
    """Of the lowered model, %."""
    reference_top1: float
    """Of the QONNX model, %."""


def compare(qonnx: ModelProto, lowered: ModelProto, images: Images, labels: NDArray[np.int64], ops: Any) -> Agreement:
    """Compare predictions on normalised images.

    Raises:
        StepFailed: when they differ for another reason than a tie; names the first layer that differs.
    """
    import numpy as np

    codes = codes_of(lowered)
    assert codes is not None
    reference = reference_logits(qonnx, images, ops)
    logits = run_integer(lowered, codes.of(images))
    expected, found = reference.argmax(axis=1), logits.argmax(axis=1)
    wrong = (found != expected).nonzero()[0]
    gap = reference[wrong, expected[wrong]] - reference[wrong, found[wrong]]
    noise = NOISE * np.abs(reference).max()
    tied = wrong[(logits[wrong, expected[wrong]] == logits[wrong, found[wrong]]) & (gap <= noise)]
    rest = np.setdiff1d(wrong, tied)
    for index in rest:
        _explain(qonnx, lowered, images[index : index + 1], ops)
    share = 100 / len(images)
    return Agreement(
        len(images),
        len(tied),
        len(rest),
        float((found == labels).sum() * share),
        float((expected == labels).sum() * share),
    )


def reference_logits(qonnx: ModelProto, images: Images, ops: Any) -> Images:
    """Return the logits of a QONNX model, shape (n, classes)."""
    import numpy as np
    import torch

    from drawplate.torch import OnnxModule

    module = OnnxModule(qonnx, ops).eval()
    step = qonnx.graph.input[0].type.tensor_type.shape.dim[0].dim_value or 1000  # 0 where the batch is free
    with torch.no_grad():
        parts = [
            module(torch.from_numpy(images[start : start + step])).numpy() for start in range(0, len(images), step)
        ]
    return np.concatenate(parts)


def _explain(qonnx: ModelProto, lowered: ModelProto, image: Images, ops: Any) -> None:
    """Find the first layer that differs on one image; a tie there is no error."""
    codes = codes_of(lowered)
    assert codes is not None
    hardware = run_values(lowered, codes.of(image))
    layers = [node for node in lowered.graph.node if len(node.input) > 2 or node.op_type == "Thresholding"]
    for (name, ratio, expected, grid), node in zip(_quantized_values(qonnx, image, ops), layers, strict=False):
        found = hardware[node.output[0]]
        if found.ndim == 4:
            found = found.transpose(0, 3, 1, 2)
        if found.size != expected.size:
            continue
        differs = found.reshape(expected.shape) != expected
        if not differs.any():
            continue
        if on_threshold(ratio[differs], found.reshape(expected.shape)[differs], grid).all():
            return
        raise StepFailed(
            f"{int(differs.sum())} of {differs.size} values differ: the lowered model is not the model",
            where=f"layer {node.name!r}, quantizer {name!r}",
            hint="please report this with the model",
        )
    raise StepFailed("the logits differ, and no layer before them", where="the last layer", hint="please report this")


def on_threshold(ratio: NDArray[Any], found: NDArray[Any], grid: Grid) -> NDArray[np.bool_]:
    """Tell which values lie half-way between two codes to within float32 rounding, and became one of these two.

    Args:
        ratio: values in steps, before rounding.
        found: their codes.
        grid: what codes there are.
    """
    import numpy as np

    below = np.floor(ratio)
    near: NDArray[np.bool_] = np.abs(ratio if grid.bipolar else ratio - below - 0.5) < TIE
    if not grid.bipolar:
        sides = [np.clip(side, grid.low, grid.high) for side in (below, below + 1)]
        near &= (found == sides[0]) | (found == sides[1])
    return near


def _quantized_values(qonnx: ModelProto, image: Images, ops: Any) -> Iterator[tuple[str, Any, Any, Grid]]:
    """Yield name, values in steps before rounding, codes and grid of every quantizer of activations, in order."""
    import torch

    from drawplate.torch import OnnxModule

    graph = Graph(qonnx)
    arrays = graph.arrays()
    nodes = [node for node in graph.nodes if is_quantizer(node) and not _on_weights(graph, node)]
    nodes = [node for node in nodes if graph.source(node.input[0]) != graph.input]
    names = [name for node in nodes for name in (node.input[0], node.output[0])]
    with torch.no_grad():
        _, values = OnnxModule(qonnx, ops).eval().forward_with(torch.from_numpy(image), names)
    for node in nodes:
        scale = arrays[node.input[1]].astype("float64")
        codes = (values[node.output[0]].numpy() / scale).round()
        yield node.name, values[node.input[0]].numpy() / scale, codes, grid_of(node, arrays)


def grid_of(node: NodeProto, arrays: Mapping[str, NDArray[Any]]) -> Grid:
    """Return the grid of a quantizer of constant bit width."""
    if node.op_type == "BipolarQuant":
        return Grid(1, signed=True)
    bits = int(arrays[node.input[3]].reshape(()))
    return Grid(bits, bool(attribute(node, "signed", 1)), bool(attribute(node, "narrow", 0)))


def _on_weights(graph: Graph, node: NodeProto) -> bool:
    return node.input[0] in graph.arrays()
