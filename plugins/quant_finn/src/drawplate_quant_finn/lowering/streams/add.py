# SPDX-License-Identifier: Apache-2.0
"""Sums and differences of two streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from drawplate_quant_finn.lowering.exact.number import Number, added, approximately, negated, sign
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.operators import Add, Linear
from drawplate_quant_finn.lowering.streams.reader import Reader, turned
from drawplate_quant_finn.lowering.streams.value import Value, equal

if TYPE_CHECKING:
    from onnx import NodeProto


def added_streams(reader: Reader, node: NodeProto, *, subtract: bool = False) -> Value:
    """Add integers of one scale; a stream of the opposite scale is turned round first.

    Raises:
        ModelError: when the scales differ, or the shapes.
    """
    import numpy as np

    a, b = (reader.settled(name) for name in node.input)
    if subtract:
        b = evolve(b, scale=tuple(map(negated, b.scale)), shift=tuple(map(negated, b.shift)))
    if a.place.shape != b.place.shape or a.operator.frame != b.operator.frame or not np.array_equal(a.place, b.place):
        shapes = " and ".join(str([1, *value.place.shape]) for value in (a, b))
        raise refuse(
            node, f"it adds streams of shapes {shapes}, or of another order", "add streams of one shape and layout"
        )
    shift = tuple(added(x, y) for x, y in zip(a.shift, b.shift, strict=True))
    if a.operator is b.operator:
        scale = tuple(added(x, y) for x, y in zip(a.scale, b.scale, strict=True))
        return evolve(a, scale=scale, shift=shift, node=node)
    signs = [_relation(x, y) for x, y in zip(a.scale, b.scale, strict=True)]
    if 0 in signs:
        raise _refused(node, a, b)
    other = turned(b.operator, signs)
    total = Add(
        layer=node.name,
        frame=a.operator.frame,
        low=a.operator.low + other.low,
        high=a.operator.high + other.high,
        sources=[a.operator, other],
    )
    return evolve(a, operator=total, shift=shift, node=node)


def _relation(a: Number, b: Number) -> int:
    """1 for equal scales, -1 for opposite ones, 0 for others."""
    if equal(a, b):
        return 1
    return -1 if sign(added(a, b)) == 0 else 0


def _refused(node: NodeProto, a: Value, b: Value) -> Exception:
    for name, value in zip(node.input, (a, b), strict=True):
        if isinstance(value.operator, Linear):
            return refuse(
                node, f"its input {name!r} is not quantized", "put a Quant node before both inputs, of one scale"
            )
    first, second = (abs(approximately(value.scale[0])) for value in (a, b))  # of a difference the second is turned
    what = f"its inputs have different scales ({first:g} and {second:g})" if first != second else "its scales differ"
    return refuse(node, what, "let both quantizers read the same scale")
