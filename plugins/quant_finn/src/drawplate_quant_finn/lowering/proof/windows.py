# SPDX-License-Identifier: Apache-2.0
"""What convolutions and pools compute, for one number of their output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.exact.number import ZERO, added, negated, sign
from drawplate_quant_finn.lowering.proof.element import Elements, Index, Sized, Term
from drawplate_quant_finn.lowering.proof.pooling import border

if TYPE_CHECKING:
    from onnx import NodeProto


def convolution(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """Conv over any number of dimensions, in groups."""
    image, out, *at = index
    weight, codes = elements.weights(node.input[1]), elements.constants.codes[node.input[1]]
    outputs, depth, *kernel = codes.whole.shape
    first = out // (outputs // attribute(node, "group", 1)) * depth
    bias = elements.constant(node.input[2], (out,)) if len(node.input) > 2 and node.input[2] else ZERO
    windows = [_inside(*each) for each in zip(at, *_slides(elements, node, kernel), strict=True)]
    if not all(inside for inside, _ in windows):
        return elements.dot([], bias)
    source = elements.whole(node.input[0])
    if source is not None:
        patch = source.whole[image, first : first + depth]
        for axis, (_, come) in enumerate(windows, start=1):
            patch = patch.take(come, axis=axis)
        taken = [slice(inside[0], inside[-1] + 1) for inside, _ in windows]
        found = elements.products(source, patch, node.input[1], (out, slice(None), *taken), bias)
        if found is not None:
            return found
    places = list(product(*(zip(*window, strict=True) for window in windows)))
    terms: list[Term] = [
        (node.input[0], (image, first + channel, *(come for _, come in place)),
         weight((out, channel, *(inside for inside, _ in place))))
        for channel in range(depth) for place in places
    ]  # fmt: skip
    return elements.dot(terms, bias)


def _slides(elements: Elements, node: NodeProto, kernel: Sequence[int]) -> tuple[Sequence[int], ...]:
    """Return sizes of kernel and image, strides, dilations and the border before the first number, by dimension."""
    ones = [1] * len(kernel)
    strides, dilations = (attribute(node, name, ones) for name in ("strides", "dilations"))
    reach = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations, strict=True)]
    sizes = elements.shapes[node.input[0]][1:]
    return kernel, sizes, strides, dilations, border(node, sizes, reach)


def _inside(at: int, kernel: int, size: int, stride: int, dilation: int, before: int) -> tuple[list[int], list[int]]:
    """Return positions in the kernel that lie in the image, and where they lie there."""
    inside = [position for position in range(kernel) if 0 <= at * stride + position * dilation - before < size]
    return inside, [at * stride + position * dilation - before for position in inside]


def _window(elements: Elements, node: NodeProto, index: Index) -> list[Index]:
    """Return the numbers that a pool's window covers."""
    image, channel, *at = index
    slides = _slides(elements, node, attribute(node, "kernel_shape"))
    covered = [_inside(*each)[1] for each in zip(at, *slides, strict=True)]
    return [(image, channel, *place) for place in product(*covered)]


def pooled(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """MaxPool: the largest of a window."""
    return largest_of(elements, node, _window(elements, node, index))


def largest_of(elements: Elements, node: NodeProto, places: Iterable[Index]) -> Sized:
    """Return the largest of some numbers; off by no more than the one that is off the most."""
    found = [elements.at(node.input[0], place) for place in places]
    best = found[0][0]
    for value, _ in found[1:]:
        best = value if sign(added(value, negated(best))) > 0 else best
    return best, max(error for _, error in found)


def average_pool(elements: Elements, node: NodeProto, index: Index) -> Sized:
    """AveragePool; numbers of the border count, where it has one."""
    share = Fraction(1, prod(attribute(node, "kernel_shape")))
    return elements.dot([(node.input[0], place, share) for place in _window(elements, node, index)])
