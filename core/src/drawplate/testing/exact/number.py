# SPDX-License-Identifier: Apache-2.0
"""Tensors of rational numbers: Python integers over one common denominator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.object_]
    """Python integers, of any size, in an array of objects."""


def _objects(values: Any) -> Whole:
    import numpy as np

    return np.asarray(values, object)  # NumPy turns an array without dimensions into a number


@frozen(eq=False)
class Exact:
    """``top / bottom``, element by element."""

    top: Whole = field(converter=_objects)
    bottom: int = 1
    """Always positive."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return tuple(self.top.shape)

    def __add__(self, other: Exact) -> Exact:
        common = math.lcm(self.bottom, other.bottom)
        return Exact(self.top * (common // self.bottom) + other.top * (common // other.bottom), common)

    def __neg__(self) -> Exact:
        return Exact(-self.top, self.bottom)

    def __sub__(self, other: Exact) -> Exact:
        return self + -other

    def __mul__(self, other: Exact) -> Exact:
        return Exact(self.top * other.top, self.bottom * other.bottom)

    def __matmul__(self, other: Exact) -> Exact:
        import numpy as np

        return Exact(np.matmul(self.top, other.top), self.bottom * other.bottom)

    def inverse(self) -> Exact:
        """Return 1 / x.

        Raises:
            ZeroDivisionError: where an element is 0.
        """
        values = [Fraction(self.bottom, value) for value in self.top.ravel()]
        return of_fractions(values).reshaped(self.shape)

    def reshaped(self, shape: tuple[int, ...]) -> Exact:
        """Return the same elements in another shape."""
        return Exact(self.top.reshape(shape), self.bottom)

    def mapped(self, change: Callable[[Whole], Whole]) -> Exact:
        """Return the tensor with its numerators moved, picked or compared; not scaled."""
        return Exact(change(self.top), self.bottom)

    def fractions(self) -> Iterator[Fraction]:
        """Yield the elements in order."""
        for value in self.top.ravel():
            yield Fraction(int(value), self.bottom)

    def floats(self) -> NDArray[np.float64]:
        """Return the nearest floats."""
        import numpy as np

        return np.array([float(value) for value in self.fractions()], np.float64).reshape(self.shape)


def of_array(values: NDArray[Any]) -> Exact:
    """Return floats or integers as they are: every float is a whole number times a power of two.

    Raises:
        ValueError: for an infinity or a NaN.
    """
    import numpy as np

    given = np.asarray(values)
    if given.dtype.kind in "iub":
        return Exact(whole(given))
    found = of_fractions([Fraction(float(value)) for value in given.ravel()])
    return found.reshaped(given.shape)


def of_fractions(values: list[Fraction]) -> Exact:
    """Return a row of fractions."""
    import numpy as np

    bottom = math.lcm(*(value.denominator for value in values))
    top = np.empty(len(values), object)
    top[:] = [value.numerator * (bottom // value.denominator) for value in values]
    return Exact(top, bottom)


def whole(values: NDArray[Any]) -> Whole:
    """Return whole numbers as Python integers."""
    import numpy as np

    found = np.empty(values.shape, object)
    found.reshape(-1)[:] = [int(value) for value in values.ravel()]
    return found


def each(function: Callable[..., int], *arrays: Any) -> Whole:
    """Apply a function of Python integers to every element; arrays broadcast."""
    import numpy as np

    found = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return cast("Whole", np.asarray(found, object))
