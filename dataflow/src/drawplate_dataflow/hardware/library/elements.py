# SPDX-License-Identifier: Apache-2.0
"""Library modules that treat elements by themselves: padding, pooling, sums of streams, argmax."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters, counter
from drawplate_dataflow.technology import Technology


def _pad(p: Parameters, _technology: Technology) -> Counted:
    counters = [counter(p[name]) for name in ("H", "W", "WORDS") if p[name] > 1]
    return Counted(float(p["BITS"]), sum(counters), (1.0, float(sum(counters))))


def _pool(p: Parameters, _technology: Technology) -> Counted:
    bits, summed = p["LANES"] * p["OB"], p["SUM"]
    # A sum takes a LUT for every bit that arrives, its upper bits only carry; a maximum compares and chooses.
    luts = float(p["LANES"] * p["IB"]) if summed else 0.0
    terms = (1.0, float(bits), 0.0) if summed else (1.0, 0.0, float(bits))
    # The upper bits of a sum only carry: two of them take a placer as much room as the ends of an adder.
    carried = (p["OB"] - p["IB"]) / 2 if summed else 0.0
    return Counted(luts, bits + counter(p["COUNT"]) + 1, terms, chains=p["LANES"] * (1 + max(0.0, carried)))


def _add(p: Parameters, _technology: Technology) -> Counted:
    luts = float(p["LANES"] * max(p["AB"], p["BB"]))
    return Counted(luts, p["LANES"] * p["OB"] + 1, (1.0,), chains=p["LANES"])


def _argmax(p: Parameters, _technology: Technology) -> Counted:
    return Counted(0.0, p["BITS"] + 2 * p["OB"] + 1, (1.0, float(p["BITS"])))


PAD: Final = LibraryModule("dp_pad", _pad)
POOL: Final = LibraryModule("dp_pool", _pool)
ADD: Final = LibraryModule("dp_add", _add)
ARGMAX: Final = LibraryModule("dp_argmax", _argmax)
