# SPDX-License-Identifier: Apache-2.0
"""Weights that stand in Constant nodes, made initializers: what can be trained, counted and quantized.

Other constants stay where they are: a number in a formula is a setting, which no training may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.values import add_initializer, constant, is_initializer
from drawplate.graph.facts import QUANT_OPS, STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir

LAYERS = {
    **dict.fromkeys(["Conv", "ConvTranspose", "Gemm", "MatMul"], (1, 2)),
    "BatchNormalization": (1, 2, 3, 4),
    **dict.fromkeys(["LayerNormalization", "InstanceNormalization", "GroupNormalization", "PRelu"], (1, 2)),
    **dict.fromkeys(["LSTM", "GRU", "RNN"], (1, 2, 3)),
}
"""Where layers take weights."""
VIEWS = frozenset({"Transpose", "Reshape", "Identity", "Unsqueeze", "Squeeze", "Cast"})


def lift_weights(model: ir.Model) -> list[str]:
    """Make the weights of layers initializers, also those behind a quantizer or a change of layout."""
    lifted = 0
    for node in list(model.graph):
        if node.op_type not in LAYERS or node.domain not in STANDARD:
            continue
        for position in LAYERS[node.op_type]:
            value = node.inputs[position] if position < len(node.inputs) else None
            value = _source(value)
            held = constant(value)
            if value is None or held is None or is_initializer(value) or held.dtype.kind != "f":
                continue
            maker, name = value.producer(), str(value.name)
            value.name = f"{name}.constant"
            value.replace_all_uses_with(add_initializer(model.graph, name, held))
            if maker is not None:
                model.graph.remove(maker, safe=True)
            lifted += 1
    return [f"{lifted} weights in Constant nodes made initializers"] if lifted else []


def _source(value: ir.Value | None) -> ir.Value | None:
    """Follow a value up through quantizers and views."""
    while value is not None and (maker := value.producer()) is not None and maker.op_type in VIEWS | QUANT_OPS:
        value = maker.inputs[0]
    return value
