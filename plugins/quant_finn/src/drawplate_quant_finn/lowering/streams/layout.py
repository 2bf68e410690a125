# SPDX-License-Identifier: Apache-2.0
"""Operators that move numbers, and change none: only the places are kept account of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.reader import Reader, border
from drawplate_quant_finn.lowering.streams.value import Value
from drawplate_quant_finn.lowering.streams.windows import in_shape_of, line_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

BATCH = "keep the batch as the first dimension"


def same(reader: Reader, node: NodeProto) -> Value:
    """Identity, Dropout."""
    return reader.value(node)


def flatten(reader: Reader, node: NodeProto) -> Value:
    """Flatten."""
    value = reader.value(node)
    axis, rank = attribute(node, "axis", 1), value.place.ndim + 1
    if axis % rank != 1:
        raise refuse(node, f"it flattens from axis {axis}", BATCH)
    return value.moved(value.place.reshape(-1))


def reshape(reader: Reader, node: NodeProto) -> Value:
    """Reshape, the batch kept."""
    value = reader.value(node)
    target = [int(size) for size in _constant(reader, node, 1)]
    if not target or target[0] not in {0, 1, -1, reader.batch}:
        raise refuse(node, f"it reshapes to {target}", BATCH)
    shape = [
        value.place.shape[index] if size == 0 and index < value.place.ndim else size
        for index, size in enumerate(target[1:])
    ]
    try:
        return value.moved(value.place.reshape(shape))
    except ValueError as error:
        raise refuse(node, f"it reshapes {[1, *value.place.shape]} to {target}", BATCH) from error


def transpose(reader: Reader, node: NodeProto) -> Value:
    """Transpose, the batch kept."""
    value = reader.value(node)
    order = list(attribute(node, "perm", list(range(value.place.ndim, -1, -1))))
    if order[0] != 0:
        raise refuse(node, f"it turns the batch to another place: {order}", BATCH)
    return value.moved(value.place.transpose([axis - 1 for axis in order[1:]]))


def squeeze(reader: Reader, node: NodeProto) -> Value:
    """Squeeze and Unsqueeze, by attribute or input."""
    import numpy as np

    value = reader.value(node)
    axes = attribute(node, "axes")
    if axes is None and len(node.input) > 1:
        axes = _constant(reader, node, 1).tolist()
    adds = node.op_type == "Unsqueeze"
    rank = value.place.ndim + 1 + (len(axes or ()) if adds else 0)
    if axes is None:
        axes = [index + 1 for index, size in enumerate(value.place.shape) if size == 1]
    axes = [axis % rank for axis in axes]
    if 0 in axes:
        raise refuse(node, "it removes or adds a dimension before the batch", BATCH)
    places = tuple(axis - 1 for axis in axes)
    return value.moved(np.expand_dims(value.place, places) if adds else value.place.squeeze(places))


def pad(reader: Reader, node: NodeProto) -> Value:
    """Pad with zeros, around an image or a line."""
    value = reader.settled(node.input[0])
    pads = attribute(node, "pads")
    pads = _constant(reader, node, 1).tolist() if pads is None else list(pads)
    mode = attribute(node, "mode", b"constant").decode()
    rank = value.place.ndim + 1
    axes = list(range(rank))
    if len(node.input) > 3 and node.input[3]:
        axes = [int(axis) % rank for axis in _constant(reader, node, 3)]
    before, after = [0] * rank, [0] * rank
    for axis, first, last in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        before[axis], after[axis] = int(first), int(last)
    fill = attribute(node, "value", 0.0)
    if len(node.input) > 2 and node.input[2]:
        fill = float(_constant(reader, node, 2).reshape(()))
    if mode != "constant" or fill != 0 or min(*before, *after) < 0:
        what = f"it pads with {mode if mode != 'constant' else fill:}" if min(*before, *after) >= 0 else "it cuts off"
        raise refuse(node, what, "pad with zeros (mode = constant, value 0)")
    if not any((*before, *after)):
        return bordered(value, (0, 0, 0, 0), node)
    line = line_of(value)
    if (line is None and not value.image) or any((*before[:2], *after[:2])):
        raise refuse(
            node,
            "it pads another dimension than height and width",
            "pad rows and columns of [N, C, H, W], or the length of [N, C, L]",
        )
    if line is None:
        return bordered(value, (before[2], before[3], after[2], after[3]), node)
    first, last = before[2], after[2]
    made = bordered(value, (first, 0, last, 0) if line == 0 else (0, first, 0, last), node)
    return in_shape_of(value, made)


def bordered(value: Value, pads: tuple[int, int, int, int], node: NodeProto) -> Value:
    """Return an image with a border of zeros.

    Raises:
        ModelError: when no code stands for 0.
    """
    if not any(pads):
        return value
    if not value.unshifted:
        raise refuse(
            node,
            f"it pads with 0, and after {value.node.name!r} ({value.node.op_type}) no code stands for 0 in a border",
            "use no padding here, quantize what is padded with zero point 0 (half of the codes where they are signed; "
            "ActivationSymmetric of onnxruntime's quantize_static) or fewer bits, "
            "or normalise in [data] instead of in the model",
        )
    return value.carried(border(value.operator, pads, node), node)


def _constant(reader: Reader, node: NodeProto, index: int) -> NDArray[np.int64]:
    import numpy as np

    name = node.input[index] if index < len(node.input) else ""
    if name not in reader.constants:
        raise refuse(node, f"its input {name!r} is computed from what streams", "export the model with fixed shapes")
    return np.asarray(reader.constants.arrays[name])
