# SPDX-License-Identifier: Apache-2.0
"""Quantized biases, as QKeras and Brevitas have them: constants by the time a model is lowered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import Graph, attribute, is_quantizer, weight_of
from drawplate_quant_finn.grid import Grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto


def fold_biases(graph: Graph) -> None:
    """Replace quantizers of constants that are no weights by what they give; FINN knows them behind weights only.

    One that rounds in another way than to nearest, or has a zero point, stays, to be refused by name.
    """
    arrays = graph.arrays()
    behind_weights = {name for node in graph.nodes for name in _path(graph, node)}
    for node in graph.nodes:
        if not is_quantizer(node) or node.input[0] not in arrays or node.output[0] in behind_weights:
            continue
        parameters = [arrays.get(name) for name in node.input[1:]]
        value = _value(node, arrays[node.input[0]], parameters)
        if value is not None:
            graph.redirect(node.output[0], graph.add_array(f"{node.output[0]}.folded", value))
            graph.proto.graph.node.remove(node)


def _path(graph: Graph, node: NodeProto) -> list[str]:
    """Return the values between a layer and its weights."""
    name = weight_of(graph, node)
    makers, value, found = graph.makers(), str(node.input[1]) if name else "", []
    while name and value != name:
        found.append(value)
        value = str(makers[value].input[0])
    return found


def _value(
    node: NodeProto, bias: NDArray[np.float32], parameters: list[NDArray[np.float32] | None]
) -> NDArray[np.float32] | None:
    import numpy as np

    scale, *others = parameters
    if scale is None:
        return None
    if node.op_type == "BipolarQuant":
        return np.where(bias >= 0, scale, -scale).astype(np.float32)
    zero, bits = others
    if zero is None or zero.any() or bits is None or bits.size != 1:
        return None
    if attribute(node, "rounding_mode", b"ROUND").upper() not in {b"ROUND", b"HALF_EVEN"}:
        return None
    grid = Grid(int(bits.reshape(())), bool(attribute(node, "signed", 1)), bool(attribute(node, "narrow", 0)))
    codes: NDArray[np.float32] = np.clip(np.rint(bias / scale), grid.low, grid.high)
    return codes * scale
