# SPDX-License-Identifier: Apache-2.0
"""Sizes that follow the batch: one way to write them, and zeros that need none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drawplate.door.tidy import BATCHES
from drawplate.door.values import add_initializer, constant
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray

    Array = NDArray[Any]

SIZED = {"Expand": 1, "ConstantOfShape": 0, "Tile": 1}
"""Operators that are told a size, and where."""
STATES = {"LSTM": (5, 6), "GRU": (5,), "RNN": (5,)}
"""Where recurrent layers take a first state, which is 0 where it is left out."""


def follow_batch(graph: ir.Graph, node: ir.Node, first: Array, second: Array) -> bool:
    """Write a size that is the batch in one place as the input's own first dimension between constants.

    Args:
        graph: is changed.
        node: an operator that is told a size.
        first: the size for the first of two batch sizes.
        second: for the second.
    """
    value = node.inputs[SIZED[node.op_type]]
    alike = first.shape == second.shape and first.ndim == 1
    differ = [int(place) for place in np.flatnonzero(first != second)] if alike else []
    if value is None or len(differ) != 1 or _is_plain(value):
        return False
    place, name = differ[0], f"{node.name}.size"
    if (int(first[place]), int(second[place])) != BATCHES:
        return False
    import onnx_ir as ir

    zero = add_initializer(graph, f"{name}.zero", np.zeros(1, np.int64))
    shape = ir.node("Shape", [graph.inputs[0]], name=f"{name}.shape")
    batch = ir.node("Gather", [shape.outputs[0], zero], name=f"{name}.batch")
    parts = [batch.outputs[0]]
    if place:
        parts.insert(0, add_initializer(graph, f"{name}.before", first[:place].astype(np.int64)))
    if place + 1 < len(first):
        parts.append(add_initializer(graph, f"{name}.after", first[place + 1 :].astype(np.int64)))
    joined = ir.node("Concat", parts, attributes={"axis": 0}, name=name)
    for made in (shape, batch, joined):
        made.outputs[0].name = str(made.name)
        made.outputs[0].type = ir.TensorType(ir.DataType.INT64)
        graph.insert_before(node, made)
    node.replace_input_with(SIZED[node.op_type], joined.outputs[0])
    return True


def _is_plain(value: ir.Value) -> bool:
    """Whether a size is already written so."""
    joined = value.producer()
    if joined is None or joined.op_type != "Concat":
        return False
    rest = [part for part in joined.inputs if constant(part) is None]
    maker = rest[0].producer() if len(rest) == 1 and rest[0] is not None else None
    if maker is None or maker.op_type != "Gather" or maker.inputs[0] is None:
        return False
    shape = maker.inputs[0].producer()
    return shape is not None and shape.op_type == "Shape" and shape.inputs[0] in joined.graph.inputs  # type: ignore[union-attr]


def leave_out_zero_states(model: ir.Model) -> list[str]:
    """Leave out first states of recurrent layers that are 0 anyway."""
    count = 0
    for node in model.graph:
        for position in STATES.get(node.op_type, ()) if node.domain in STANDARD else ():
            value = node.inputs[position] if position < len(node.inputs) else None
            if value is not None and _is_zero(value):
                node.replace_input_with(position, None)
                count += 1
    return [f"{count} first states of 0 left out"] if count else []


def _is_zero(value: ir.Value) -> bool:
    held, maker = constant(value), value.producer()
    if held is not None:
        return held.size > 0 and not held.any()
    if maker is None:
        return False
    if maker.op_type == "ConstantOfShape":
        filled = maker.attributes.get("value")
        return filled is None or not filled.as_tensor().numpy().any()
    if maker.op_type in ("Expand", "Tile", "Slice", "Unsqueeze", "Reshape") and maker.inputs[0] is not None:
        return _is_zero(maker.inputs[0])
    return False
