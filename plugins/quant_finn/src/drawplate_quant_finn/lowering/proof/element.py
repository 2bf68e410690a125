# SPDX-License-Identifier: Apache-2.0
"""One number of a QONNX model, in exact arithmetic, and how far float32 may be off it.

This reads the model's operators anew, forwards, number by number, and knows nothing of thresholds: it is the judge of a
code over which float32 and integers disagree.  Bounds are those of any order of summation: a sum of n products is off
by at most ``gamma(n) * sum |x w|`` with ``gamma(n) = n u / (1 - n u)``, ``u = 2^-24`` (Higham, Accuracy and Stability
of Numerical Algorithms, 2nd ed., section 3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.lowering.exact.number import ZERO, Number, added, approximately, times
from drawplate_quant_finn.lowering.proof.pooling import largest
from drawplate_quant_finn.lowering.streams.constants import LAYOUT, Constants, run_node

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

UNIT = 2.0**-24
TINY = 2.0**-140
"""Above what underflow loses in any of these sums."""
SLACK = 1.001
"""Covers the float64 in which bounds are computed."""

Index = tuple[int, ...]
Sized = tuple[Number, float]
"""A number, and a bound of the error of its float32."""
Term = tuple[str, Index, Fraction]
"""A number of a value, and its weight."""
Rule = Callable[["Elements", "NodeProto", Index], Sized]


@frozen
class Integers:
    """What a quantizer gave, as integers: ``scale * whole + shift``."""

    whole: NDArray[np.float64] = field(repr=False)
    """Shape (N, ...)."""
    scale: NDArray[Any]
    """Fractions, of a shape that broadcasts against one image, (...)."""
    shift: NDArray[Any]

    def at(self, index: Index) -> Sized:
        """Return a number, and how far off its float32 is: two roundings."""
        scale, shift = pick(self.scale, index), pick(self.shift, index)
        exact = int(self.whole[index]) * scale + shift
        return exact, 2 * UNIT * (abs(float(exact)) + abs(float(shift))) + TINY


@define
class Elements:
    """Computes single numbers of a model, given the integers that its quantizers gave."""

    graph: Graph
    constants: Constants
    fed: Mapping[str, Integers] = field(repr=False)
    shapes: Mapping[str, tuple[int, ...]] = field(repr=False)
    """Of every value, without the batch."""
    rules: Mapping[str, Rule] = field(repr=False)
    known: dict[Hashable, Any] = field(factory=dict, init=False, repr=False)
    """What rules have worked out: codes that float32 rounds lie at few sums of every channel."""
    _makers: dict[str, NodeProto] = field(init=False)
    _maps: dict[str, NDArray[np.int64]] = field(factory=dict, init=False)
    _moved_whole: dict[str, Integers | None] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._makers = self.graph.makers()

    def at(self, name: str, index: Index) -> Sized:
        """Return a number of a value.

        Args:
            name: of the value.
            index: of the number, the image first.
        """
        if name in self.fed:
            return self.fed[name].at(index)
        if name in self.constants:
            return self.constant(name, index), 0.0
        node = self._makers[name]
        if node.op_type in LAYOUT:
            return self.at(node.input[0], self._moved(node, index))
        return self.rules[node.op_type](self, node, index)

    def whole(self, name: str) -> Integers | None:
        """Return a value as integers of one scale, where it is what a quantizer gave, moved, pooled or neither."""
        if name not in self._moved_whole:
            found = self.fed.get(name)
            node = self._makers.get(name)
            if found is None and node is not None and (node.op_type in LAYOUT or node.op_type == "MaxPool"):
                before = self.whole(node.input[0])
                if before is not None:
                    found = self._moved_or_pooled(node, before)
            alike = found is not None and found.scale.ndim == 0 and found.shift.ndim == 0
            self._moved_whole[name] = found if alike else None
        return self._moved_whole[name]

    def _moved_or_pooled(self, node: NodeProto, before: Integers) -> Integers | None:
        """Return what a node makes of integers of one scale; None of a pool that a negative scale turns round."""
        if node.op_type != "MaxPool":
            flat = before.whole.reshape(len(before.whole), -1)
            return Integers(flat[:, self._map(node)[0]], before.scale, before.shift)
        if before.scale[()] <= 0:
            return None
        pixels = self.shapes[node.output[0]][1:]
        return Integers(largest(node, before.whole, pixels), before.scale, before.shift)

    def products(self, source: Integers, x: NDArray[Any], weights: str, place: Any, bias: Fraction) -> Sized | None:
        """Sum products of integers and the whole weights at a place; None where these have several scales."""
        import numpy as np

        codes = self.constants.codes[weights]
        whole, scales = codes.whole[place], codes.scale[place]
        if not scales.size or (scales != scales.flat[0]).any():
            return None
        worth, given = Fraction(float(scales.flat[0])), source.scale[()]
        terms = x * whole
        exact = int(terms.sum()) * worth * given + int(whole.sum()) * worth * source.shift[()] + bias
        size = abs(float(worth * given)) * float(np.abs(terms).sum()) + abs(float(bias))
        size += abs(float(worth * source.shift[()])) * float(np.abs(whole).sum())
        return exact, SLACK * gamma(terms.size + 8) * size + TINY

    def constant(self, name: str, index: Index) -> Fraction:
        """Return a number of a constant that broadcasts against a value."""
        return pick(self.constants.arrays[name], index)

    def weights(self, name: str) -> Callable[[Index], Fraction]:
        """Return a function from an index to a weight: a whole number times its scale, exactly."""
        codes = self.constants.codes[name]

        def at(index: Index) -> Fraction:
            return int(codes.whole[index]) * Fraction(float(codes.scale[index]))

        return at

    def dot(self, terms: list[Term], bias: Fraction = ZERO) -> Sized:
        """Sum numbers times weights, and a bias; float32 has rounded each weight, product and sum."""
        whole, rest = ZERO, ZERO + bias
        others: Number = rest
        size, error = abs(float(bias)), 0.0
        for name, index, weight in terms:
            x, off = self.at(name, index)
            if isinstance(x, Fraction):
                whole += x * weight
            else:
                others = added(others, times(x, weight))
            size += abs(approximately(x) * float(weight))
            error += off * abs(float(weight))
        count = len(terms) + 4
        return added(others, whole), SLACK * (error + gamma(count) * (size + error)) + TINY

    def _moved(self, node: NodeProto, index: Index) -> Index:
        """Find where a number that only moved comes from."""
        import numpy as np

        found = int(self._map(node)[(0, *index[1:])])
        return (index[0], *(int(i) for i in np.unravel_index(found, self.shapes[node.input[0]])))

    def _map(self, node: NodeProto) -> NDArray[np.int64]:
        """Return of each number of a node that moves numbers where it was before, one image of them."""
        import numpy as np

        name, source = node.output[0], self.shapes[node.input[0]]
        if name not in self._maps:
            places = np.arange(int(np.prod(source)), dtype=np.int64).reshape(1, *source)
            others = [self.constants.arrays.get(other) for other in node.input[1:]]
            if node.op_type == "Reshape" and others[0] is not None and others[0][0] > 1:  # a fixed batch
                others[0] = np.concatenate([[1], others[0][1:]])
            self._maps[name] = run_node(node, [places, *others], self.graph)[0]
        return self._maps[name]


def pick(array: Any, index: Index) -> Fraction:
    """Return the number of an array that broadcasts against a value, at an index of the value."""
    import numpy as np

    array = np.asarray(array)
    tail = index[len(index) - array.ndim :]
    found = array[tuple(0 if size == 1 else i for i, size in zip(tail, array.shape, strict=True))]
    return found if isinstance(found, Fraction) else Fraction(float(found))


def gamma(count: int) -> float:
    """Return the relative bound of the error of so many roundings in a row."""
    return count * UNIT / (1 - count * UNIT)
