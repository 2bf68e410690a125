# SPDX-License-Identifier: Apache-2.0
"""The outputs that integers stand for, and how far float32 may be off them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate_quant_finn.lowering.exact.number import approximately
from drawplate_quant_finn.lowering.proof.element import SLACK, TINY, UNIT, gamma
from drawplate_quant_finn.lowering.streams.operators import Add, Linear, Operator, Sum
from drawplate_quant_finn.lowering.streams.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def output_bounds(value: Value, integers: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return outputs, and bounds of what float32's, and the host's, may be off by.

    The first bound is ``gamma(n) * (sum of the magnitudes of all products)`` for the largest integers there can be; the
    host multiplies by a scale and adds a bias of float32.

    Args:
        value: the output.
        integers: the lowered model's, shape (N, ...).
    """
    import numpy as np

    channels = value.place.reshape(-1) % value.frame[2]
    given = value.operator.given
    signs = np.ones(value.frame[2]) if given is None else given.astype(np.float64)
    scale, shift = (np.array([approximately(number) for number in part]) for part in (value.scale, value.shift))
    flat = integers.reshape(len(integers), -1)[:, value.place.reshape(-1)] * signs[channels]
    exact = flat * scale[channels] + shift[channels]
    magnitude, count = _magnitude(value.operator)
    size = magnitude[channels] * np.abs(scale[channels]) + np.abs(shift[channels])
    shifts = _shifts(value)
    bound = SLACK * gamma(count + 24) * (size + shifts) + TINY
    host = 4 * UNIT * (np.abs(flat * scale[channels]) + np.abs(shift[channels])) + TINY
    return exact, np.broadcast_to(bound, exact.shape), host


def _shifts(value: Value) -> float:
    """What zero points and biases before the last sum may add to the magnitudes: at most twice the shift."""
    return 2 * max(abs(approximately(number)) for number in value.shift)


def _magnitude(operator: Operator) -> tuple[NDArray[np.float64], int]:
    """Return the largest sum of magnitudes per channel, and the number of terms."""
    import numpy as np

    largest = float(max(abs(operator.low), abs(operator.high)))
    if isinstance(operator, Linear):
        source, count = _magnitude(operator.source)
        return np.abs(operator.weights).sum(axis=0) * float(source.max()), count + len(operator.weights)
    if isinstance(operator, Sum):
        source, count = _magnitude(operator.source)
        pixels = operator.window.size
        return source * pixels, count + pixels
    if isinstance(operator, Add):
        (first, count), (second, more) = map(_magnitude, operator.sources)
        return first + second, max(count, more) + 1
    return np.full(operator.channels, largest), 1
