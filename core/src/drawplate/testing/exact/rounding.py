# SPDX-License-Identifier: Apache-2.0
"""QONNX's rounding modes on quotients of integers: no quotient is ever computed inexactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def _floor(top: int, bottom: int) -> int:
    return top // bottom


def _ceil(top: int, bottom: int) -> int:
    return -(-top // bottom)


def _half_even(top: int, bottom: int) -> int:
    below, rest = divmod(top, bottom)
    if 2 * rest == bottom:
        return below + below % 2
    return below + (2 * rest > bottom)


def _mirrored(positive: Callable[[int, int], int]) -> Callable[[int, int], int]:
    return lambda top, bottom: positive(top, bottom) if top >= 0 else -positive(-top, bottom)


ROUNDINGS: Mapping[str, Callable[[int, int], int]] = {
    "ROUND": _half_even,
    "HALF_EVEN": _half_even,
    "FLOOR": _floor,
    "CEIL": _ceil,
    "UP": _mirrored(_ceil),
    "DOWN": _mirrored(_floor),
    "HALF_UP": _mirrored(lambda top, bottom: (2 * top + bottom) // (2 * bottom)),
    "HALF_DOWN": _mirrored(lambda top, bottom: -((bottom - 2 * top) // (2 * bottom))),
}
"""Each takes a numerator and a positive denominator; definitions: qonnx.custom_op.general.intquant."""
