# SPDX-License-Identifier: Apache-2.0
"""Max-pools and averages over an image."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import evolve

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.exact.number import negated, sign, times
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.layout import bordered
from drawplate_quant_finn.lowering.streams.operators import Linear, Sum, Window
from drawplate_quant_finn.lowering.streams.reader import Reader, max_pool, turned
from drawplate_quant_finn.lowering.streams.value import Pooling, Value, image_places
from drawplate_quant_finn.lowering.streams.windows import Pads, check_image, in_shape_of, line_of, read_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnx import NodeProto


def maximum(reader: Reader, node: NodeProto) -> Value:
    """MaxPool: on codes at once, else left to the next quantizer."""
    value = reader.value(node)
    if len(node.output) > 1 and node.output[1]:
        raise refuse(node, "it gives the places of the maxima", "use its first output only")
    kernel = list(attribute(node, "kernel_shape"))
    check_image(node, value, kernel)
    return in_shape_of(value, _largest(node, value, *read_window(node, value, kernel)))


def _largest(node: NodeProto, value: Value, window: Window, pads: Pads) -> Value:
    """Return the largest of every window."""
    pooling = Pooling(window, pads, node)
    if value.pending or isinstance(value.operator, Linear):
        top, left, bottom, right = pads
        height, width, channels = value.frame
        frame = (*window.over((height + top + bottom, width + left + right, channels)), channels)
        pending = (*value.pending, pooling)
        return evolve(value, pending=pending, frame=frame, place=image_places(frame), node=node)
    falling = [sign(scale) < 0 for scale in value.scale]
    source = turned(value.operator, [-1 if falls else 1 for falls in falling])
    scale = tuple(negated(s) if falls else s for s, falls in zip(value.scale, falling, strict=True))
    return evolve(value, scale=scale).carried(max_pool(source, pooling), node)


def global_maximum(reader: Reader, node: NodeProto) -> Value:
    """GlobalMaxPool, ReduceMax over height and width: a max-pool whose window is the image."""
    import numpy as np

    value = reader.value(node)
    rank = value.place.ndim
    axes = tuple(range(1, rank)) if node.op_type == "GlobalMaxPool" else _axes(reader, node, "takes the maximum")
    keeps = node.op_type == "GlobalMaxPool" or attribute(node, "keepdims", 1)
    if axes != tuple(range(1, rank)) or not (value.image or line_of(value) is not None):
        raise refuse(
            node,
            f"it takes the maximum over axes {[axis + 1 for axis in axes]}, and not over all pixels",
            "take it over height and width of [N, C, H, W]",
        )
    height, width, channels = value.frame
    made = _largest(node, value, Window(kernel=(height, width)), (0, 0, 0, 0))
    place = np.arange(channels).reshape(channels, *[1] * (rank - 1 if keeps else 0))
    return evolve(made, place=place)


def average(reader: Reader, node: NodeProto) -> Value:
    """AveragePool: the sum over windows; the scale divides by their numbers."""
    source, kernel = reader.settled(node.input[0]), list(attribute(node, "kernel_shape"))
    check_image(node, source, kernel)
    window, pads = read_window(node, source, kernel)
    if any(pads) and not attribute(node, "count_include_pad", 0):
        raise refuse(
            node,
            "it pads, and averages fewer numbers at the border",
            "pool without pads, or with count_include_pad = 1",
        )
    made = _summed(bordered(source, pads, node), window, node)
    return in_shape_of(source, evolve(made, place=image_places(made.frame)))


def global_average(reader: Reader, node: NodeProto) -> Value:
    """GlobalAveragePool."""
    return _averaged(reader, node, tuple(range(1, reader.value(node).place.ndim)), keep=True)


def reduce_mean(reader: Reader, node: NodeProto) -> Value:
    """ReduceMean over height and width."""
    return _averaged(reader, node, _axes(reader, node, "averages"), keep=bool(attribute(node, "keepdims", 1)))


def _axes(reader: Reader, node: NodeProto, does: str) -> tuple[int, ...]:
    """Return the axes that a node reduces, in order, without the batch.

    Raises:
        ModelError: when it reduces the batch.
    """
    value, axes = reader.value(node), attribute(node, "axes")
    if axes is None and len(node.input) > 1 and node.input[1] in reader.constants:
        axes = reader.constants.arrays[node.input[1]].tolist()
    rank = value.place.ndim + 1
    found = sorted(axis % rank for axis in (axes if axes is not None else range(rank)))
    if not found or found[0] == 0:
        raise refuse(node, f"it {does} over the batch", "take height and width alone")
    return tuple(axis - 1 for axis in found)


def _averaged(reader: Reader, node: NodeProto, axes: Sequence[int], *, keep: bool) -> Value:
    """Sum all pixels; the scale divides by their number."""
    import numpy as np

    value = reader.settled(node.input[0])
    height, width, channels = value.frame
    count = height * width
    groups = np.moveaxis(value.place, tuple(axes), tuple(range(-len(axes), 0)))
    rows = groups.reshape(*groups.shape[: -len(axes)], -1)
    whole = rows.shape[-1] == count and np.all(rows % channels == rows[..., :1] % channels)
    if not whole:
        raise refuse(
            node,
            f"it averages over axes {[axis + 1 for axis in axes]}, and not over all pixels",
            "average over height and width",
        )
    place = rows[..., 0] % channels
    if keep:
        place = np.expand_dims(place, tuple(axes))
    return evolve(_summed(value, Window(kernel=(height, width)), node), place=place)


def _summed(value: Value, window: Window, node: NodeProto) -> Value:
    """Sum windows; their numbers are in the scale."""
    source, count = value.operator, window.size
    total = Sum(
        layer=node.name,
        frame=(*window.over(source.frame), source.channels),
        low=count * source.low,
        high=count * source.high,
        sources=[source],
        window=window,
    )
    scale = tuple(times(s, Fraction(1, count)) for s in value.scale)
    return evolve(value, operator=total, frame=total.frame, scale=scale, node=node)
