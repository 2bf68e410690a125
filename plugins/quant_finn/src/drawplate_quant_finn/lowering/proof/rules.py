# SPDX-License-Identifier: Apache-2.0
"""What each operator of a model computes, for one number of its output."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.exact.functions import Clip, Function, Leaky, Logistic
from drawplate_quant_finn.lowering.exact.number import (
    ONE,
    ZERO,
    Number,
    added,
    approximately,
    inverse,
    negated,
    root,
    times,
)
from drawplate_quant_finn.lowering.proof.element import SLACK, TINY, UNIT, Elements, Index, Rule, Sized, Term, gamma
from drawplate_quant_finn.lowering.proof.windows import average_pool, convolution, largest_of, pooled

if TYPE_CHECKING:
    from onnx import NodeProto

CURVE = 2.0**-20
"""How far float32's tanh or sigmoid may be off: many times what executors document; assumed, not proven."""


def matrix(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """MatMul, Gemm."""
    weight = elements.weights(node.input[1])
    turned, alpha, beta = (
        attribute(node, name, default) for name, default in (("transB", 0), ("alpha", 1.0), ("beta", 1.0))
    )
    count, out = elements.shapes[node.input[0]][-1], index[-1]
    factor = Fraction(float(alpha))
    given = node.op_type == "Gemm" and len(node.input) > 2 and node.input[2]
    bias = Fraction(float(beta)) * elements.constant(node.input[2], index) if given else ZERO
    source = elements.whole(node.input[0])
    if source is not None and factor == 1:
        place = (out, slice(None)) if turned else (slice(None), out)
        found = elements.products(source, source.whole[index[:-1]], node.input[1], place, bias)
        if found is not None:
            return found
    terms: list[Term] = [
        (node.input[0], (*index[:-1], i), factor * weight((out, i) if turned else (i, out))) for i in range(count)
    ]
    return elements.dot(terms, bias)


def normalisation(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """BatchNormalization: at most eight roundings of each of three terms."""
    x, off = elements.at(node.input[0], index)
    key = (node.output[0], index[1], x)
    if key not in elements.known:
        elements.known[key] = _normalised(elements, node, index[1], x)
    value, steep, size = elements.known[key]
    return value, SLACK * (off * steep + gamma(8) * (size + off * steep)) + TINY


def _normalised(elements: Elements, node: NodeProto, channel: int, x: Number) -> tuple[Number, float, float]:
    """Return what becomes of a number in a channel, the factor's size, and the sum of its terms' sizes."""
    g, b, m, v = (elements.constant(name, (channel,)) for name in node.input[1:])
    factor = times(g, inverse(root(v + Fraction(float(attribute(node, "epsilon", 1e-5))))))
    steep = abs(approximately(factor))
    size = steep * (abs(approximately(x)) + abs(float(m))) + abs(float(b))
    return added(times(added(x, -m), factor), b), steep, size


def arithmetic(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Add, Sub, Mul, Div."""
    (x, first), (y, second) = (elements.at(name, _within(elements, name, index)) for name in node.input)
    a, b = abs(approximately(x)), abs(approximately(y))
    if node.op_type in {"Add", "Sub"}:
        value = added(x, y if node.op_type == "Add" else negated(y))
        error = first + second
    elif node.op_type == "Mul":
        value, error = times(x, y), first * b + second * a + first * second
    else:
        value, error = times(x, inverse(y)), first / b if b else 0.0
    return value, SLACK * (error + UNIT * (abs(approximately(value)) + error)) + TINY


def _within(elements: Elements, name: str, index: Index) -> Index:
    """Return the index in an input that is broadcast."""
    if name in elements.constants:
        return index
    shape = elements.shapes[name]
    tail = index[len(index) - len(shape) :]
    return (index[0], *(0 if size == 1 else i for i, size in zip(tail, shape, strict=True)))


def average(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """GlobalAveragePool, ReduceMean over all pixels."""
    indices = _reduced(elements, node, index)
    share = Fraction(1, len(indices))
    return elements.dot([(node.input[0], at, share) for at in indices])


def maximum(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """GlobalMaxPool, ReduceMax over all pixels."""
    return largest_of(elements, node, _reduced(elements, node, index))


def joined(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Concat: a number of the input that reaches there."""
    axis = attribute(node, "axis") % len(index)
    place = index[axis]
    for name in node.input:
        size = elements.shapes[name][axis - 1]
        if place < size:
            return elements.at(name, (*index[:axis], place, *index[axis + 1 :]))
        place -= size
    raise IndexError(index)


def enlarged(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Resize, Upsample by whole factors: every pixel some times."""
    old, new = elements.shapes[node.input[0]], elements.shapes[node.output[0]]
    place = (i * before // after for i, before, after in zip(index[1:], old, new, strict=True))
    return elements.at(node.input[0], (index[0], *place))


def _reduced(elements: Elements, node: NodeProto, index: Index) -> list[Index]:
    """Return the numbers that become one."""
    shape = elements.shapes[node.input[0]]
    axes = attribute(node, "axes")
    if node.op_type.startswith("Reduce") and axes is None:
        axes = elements.constants.arrays[node.input[1]].tolist()
    over = {axis % (len(shape) + 1) for axis in axes} if axes is not None else set(range(2, len(shape) + 1))
    keeps = not node.op_type.startswith("Reduce") or attribute(node, "keepdims", 1)
    rest = iter(index[1:])
    places: list[range | list[int]] = [[index[0]]]
    for axis, size in enumerate(shape, start=1):
        if axis in over:
            places.append(range(size))
            if keeps:
                next(rest)
        else:
            places.append([next(rest)])
    return list(product(*places))


def activation(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Functions of one number."""
    x, off = elements.at(node.input[0], index)
    function = _function(elements, node, index)
    value = function.at(x)
    if isinstance(function, Logistic):
        return value, off + CURVE
    steep = max(1.0, float(function.negative)) if isinstance(function, Leaky) else 1.0
    return value, SLACK * (off * steep + UNIT * (abs(approximately(value)) + off * steep)) + TINY


def _function(elements: Elements, node: NodeProto, index: Index) -> Function:
    if node.op_type == "Relu":
        return Leaky()
    if node.op_type == "LeakyRelu":
        return Leaky(Fraction(float(attribute(node, "alpha", 0.01))))
    if node.op_type == "PRelu":
        return Leaky(elements.constant(node.input[1], index))
    if node.op_type in {"Tanh", "Sigmoid"}:
        return Logistic(-1, 2) if node.op_type == "Tanh" else Logistic(0, 1)
    limits = []
    for position, name in ((1, "min"), (2, "max")):
        given = attribute(node, name)
        if len(node.input) > position and node.input[position]:
            given = float(elements.constants.arrays[node.input[position]].reshape(()))
        limits.append(None if given is None or abs(given) == float("inf") else Fraction(float(given)))
    return Clip(*limits)


def opposite(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Neg."""
    x, off = elements.at(node.input[0], index)
    return negated(x), off


def hard_sigmoid(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """HardSigmoid: a line of two roundings, clipped."""
    x, off = elements.at(node.input[0], index)
    slope, shift = (Fraction(float(attribute(node, *said))) for said in (("alpha", 0.2), ("beta", 0.5)))
    line: Number = added(times(x, slope), shift)
    size = abs(approximately(x) * float(slope)) + abs(float(shift))
    return Clip(ZERO, ONE).at(line), SLACK * (off * abs(float(slope)) + gamma(3) * size) + TINY


def padded(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Pad of rows and columns with zeros."""
    pads = attribute(node, "pads")
    pads = list(pads) if pads is not None else elements.constants.arrays[node.input[1]].tolist()
    axes = list(range(len(index)))
    if len(node.input) > 3 and node.input[3]:
        axes = [int(axis) % len(index) for axis in elements.constants.arrays[node.input[3]]]
    source = list(index)
    for axis, before in zip(axes, pads[: len(axes)], strict=True):
        source[axis] -= int(before)
    inside = all(0 <= i < size for i, size in zip(source[1:], elements.shapes[node.input[0]], strict=True))
    return elements.at(node.input[0], tuple(source)) if inside else (ZERO, 0.0)


RULES: Mapping[str, Rule] = {
    "Conv": convolution,
    "MatMul": matrix,
    "Gemm": matrix,
    "BatchNormalization": normalisation,
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), arithmetic),
    "Neg": opposite,
    **dict.fromkeys(("Relu", "LeakyRelu", "PRelu", "Tanh", "Sigmoid", "Clip"), activation),
    "HardSigmoid": hard_sigmoid,
    "MaxPool": pooled,
    "AveragePool": average_pool,
    **dict.fromkeys(("GlobalAveragePool", "ReduceMean"), average),
    **dict.fromkeys(("GlobalMaxPool", "ReduceMax"), maximum),
    **dict.fromkeys(("Resize", "Upsample"), enlarged),
    "Concat": joined,
    "Pad": padded,
}
"""By operator; those that only move numbers are followed by :class:`Elements`."""
