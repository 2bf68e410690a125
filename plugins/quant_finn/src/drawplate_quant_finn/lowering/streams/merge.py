# SPDX-License-Identifier: Apache-2.0
"""Streams that are joined, and images that are enlarged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import evolve

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.constants import run_node
from drawplate_quant_finn.lowering.streams.operators import Concat, Linear, Upsample
from drawplate_quant_finn.lowering.streams.reader import Reader
from drawplate_quant_finn.lowering.streams.value import Value, image_places
from drawplate_quant_finn.lowering.streams.windows import in_shape_of, line_of

if TYPE_CHECKING:
    from onnx import NodeProto


def concatenation(reader: Reader, node: NodeProto) -> Value:
    """Concat of channels."""
    for name in node.input:
        if name in reader.constants:
            raise refuse(node, f"its input {name!r} is constant", "join streams only")
    values = [reader.settled(name) for name in node.input]
    first = values[0]
    if len(values) == 1:
        return evolve(first, node=node)
    if attribute(node, "axis") % (first.place.ndim + 1) != 1:
        raise refuse(node, f"it joins along axis {attribute(node, 'axis')}", "join channels (axis 1)")
    for name, value in zip(node.input, values, strict=True):
        if isinstance(value.operator, Linear):
            raise refuse(node, f"its input {name!r} is not quantized", "put a Quant node before every input")
        alone = value.frame[:2] == (1, 1) and value.natural
        ordered = value.image or alone or line_of(value) is not None
        if not ordered or value.frame[:2] != first.frame[:2] or value.place.ndim != first.place.ndim:
            raise refuse(
                node,
                f"its input {name!r} is another image, or in another order",
                "join images, or lines, of one size, or vectors",
            )
    channels = sum(value.frame[2] for value in values)
    frame = (*first.frame[:2], channels)
    joined = Concat(
        layer=node.name,
        frame=frame,
        low=min(value.operator.low for value in values),
        high=max(value.operator.high for value in values),
        sources=[value.operator for value in values],
    )
    place = image_places(frame)
    made = Value(
        operator=joined,
        frame=frame,
        place=place.reshape(-1) if first.place.ndim == 1 else place,
        scale=tuple(scale for value in values for scale in value.scale),
        shift=tuple(shift for value in values for shift in value.shift),
        node=node,
    )
    return in_shape_of(first, made)


def resized(reader: Reader, node: NodeProto) -> Value:
    """Resize, Upsample: every pixel a whole number of times."""
    import numpy as np

    value = reader.settled(node.input[0])
    line = line_of(value)
    if line is None and not value.image:
        raise refuse(node, "it resizes what is no image", "resize [N, C, H, W] or [N, C, L]")
    others = [reader.constants.arrays.get(name) for name in node.input[1:]]
    if any(name and array is None for name, array in zip(node.input[1:], others, strict=True)):
        raise refuse(node, "its size is computed from what streams", "export the model with fixed shapes")
    if not reader.batch and len(others) > 2 and others[2] is not None:
        raise refuse(
            node, f"its sizes fix the batch to {int(others[2][0])}", "export it with scales, or a batch of one"
        )
    channels, *sizes = value.place.shape
    pixels = np.arange(math.prod(sizes), dtype=np.float32).reshape(sizes)
    made = run_node(node, [np.broadcast_to(pixels, (1, channels, *sizes)).copy(), *others], reader.graph)[0]
    found = made[0, 0]
    times = [max(1, new // old) for new, old in zip(found.shape, sizes, strict=True)]
    whole = pixels
    for axis, factor in enumerate(times):
        whole = whole.repeat(factor, axis=axis)
    if made.shape[1] != channels or not np.array_equal(found, whole):
        new, old = (" x ".join(map(str, shape)) for shape in (found.shape, sizes))
        raise refuse(
            node,
            f"it makes {new} pixels of {old}, not every pixel some times",
            "use mode = nearest, and whole factors",
        )
    if not any(factor > 1 for factor in times):
        return evolve(value, node=node)
    factors = (times[0], times[1]) if line is None else (times[0], 1) if line == 0 else (1, times[0])
    source = value.operator
    larger = Upsample(
        layer=node.name,
        frame=(value.frame[0] * factors[0], value.frame[1] * factors[1], channels),
        low=source.low,
        high=source.high,
        sources=[source],
        factors=factors,
    )
    return in_shape_of(value, value.carried(larger, node))
