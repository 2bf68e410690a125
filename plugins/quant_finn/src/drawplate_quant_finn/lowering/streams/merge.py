# SPDX-License-Identifier: Apache-2.0
"""Streams that are joined, and images that are enlarged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.constants import run_node
from drawplate_quant_finn.lowering.streams.operators import Concat, Linear, Upsample
from drawplate_quant_finn.lowering.streams.reader import Reader
from drawplate_quant_finn.lowering.streams.value import Value, image_places

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
        if not (value.image or alone) or value.frame[:2] != first.frame[:2] or value.place.ndim != first.place.ndim:
            raise refuse(
                node, f"its input {name!r} is another image, or in another order", "join images of one size, or vectors"
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
    return Value(
        operator=joined,
        frame=frame,
        place=place.reshape(-1) if first.place.ndim == 1 else place,
        scale=tuple(scale for value in values for scale in value.scale),
        shift=tuple(shift for value in values for shift in value.shift),
        node=node,
    )


def resized(reader: Reader, node: NodeProto) -> Value:
    """Resize, Upsample: every pixel a whole number of times."""
    import numpy as np

    value = reader.settled(node.input[0])
    if value.place.ndim != 3 or not value.image:
        raise refuse(node, "it resizes what is no image", "resize [N, C, H, W]")
    height, width, channels = value.frame
    others = [reader.constants.arrays.get(name) for name in node.input[1:]]
    if any(name and array is None for name, array in zip(node.input[1:], others, strict=True)):
        raise refuse(node, "its size is computed from what streams", "export the model with fixed shapes")
    pixels = np.arange(height * width, dtype=np.float32).reshape(1, 1, height, width)
    given = [np.broadcast_to(pixels, (1, channels, height, width)).copy(), *others]
    found = run_node(node, given, reader.graph)[0][0, 0]
    factors = tuple(new // old for new, old in zip(found.shape, (height, width), strict=True))
    whole = pixels[0, 0].repeat(max(1, factors[0]), axis=0).repeat(max(1, factors[1]), axis=1)
    if not np.array_equal(found, whole):
        raise refuse(
            node,
            f"it makes {found.shape[0]} x {found.shape[1]} pixels of {height} x {width}, not every pixel some times",
            "use mode = nearest, and whole factors",
        )
    if factors == (1, 1):
        return evolve(value, node=node)
    source = value.operator
    larger = Upsample(
        layer=node.name,
        frame=(*found.shape, channels),
        low=source.low,
        high=source.high,
        sources=[source],
        factors=(factors[0], factors[1]),
    )
    return value.carried(larger, node)
