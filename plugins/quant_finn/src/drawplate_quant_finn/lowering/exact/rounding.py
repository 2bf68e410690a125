# SPDX-License-Identifier: Apache-2.0
"""Where each code of a quantizer begins, in every rounding mode of QONNX.

With ``r = x / scale + zero_point``, the code is at least k where r is at least, or above, a number near k.  To even:
``r >= k - 1/2`` for even k, ``r > k - 1/2`` for odd k, so the tie between k - 1 and k goes to the even one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from drawplate_quant_finn.lowering.exact.functions import AtLeast

HALF = Fraction(1, 2)


def _half(k: int, *, tie_is_k: bool) -> AtLeast:
    return AtLeast(k - HALF, open=not tie_is_k)


BEGINS: Mapping[str, Callable[[int], AtLeast]] = {
    "HALF_EVEN": lambda k: _half(k, tie_is_k=k % 2 == 0),
    "HALF_UP": lambda k: _half(k, tie_is_k=k > 0),
    "HALF_DOWN": lambda k: _half(k, tie_is_k=k <= 0),
    "FLOOR": lambda k: AtLeast(Fraction(k)),
    "CEIL": lambda k: AtLeast(Fraction(k - 1), open=True),
    "UP": lambda k: AtLeast(Fraction(k - 1), open=True) if k > 0 else AtLeast(Fraction(k)),
    "DOWN": lambda k: AtLeast(Fraction(k)) if k > 0 else AtLeast(Fraction(k - 1), open=True),
}
"""By rounding mode: the condition on r for a code of at least k.  QONNX's HALF_UP and HALF_DOWN, UP and DOWN are away
from 0 and towards it."""


def rounded(r: Fraction, mode: str) -> int:
    """Round a fraction in a mode of :data:`BEGINS`, in the words of QONNX's definition."""
    away = (r > 0) - (r < 0)
    ways: Mapping[str, Callable[[], int]] = {
        "HALF_EVEN": lambda: round(r),
        "HALF_UP": lambda: away * math.floor(abs(r) + HALF),
        "HALF_DOWN": lambda: away * math.ceil(abs(r) - HALF),
        "FLOOR": lambda: math.floor(r),
        "CEIL": lambda: math.ceil(r),
        "UP": lambda: away * math.ceil(abs(r)),
        "DOWN": lambda: math.trunc(r),
    }
    return ways[mode]()
