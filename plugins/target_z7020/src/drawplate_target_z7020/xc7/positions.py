# SPDX-License-Identifier: Apache-2.0
"""LUT positions and slices that a placer makes of counted LUTs; carry chains take positions beside their bits.

Fitted to perceptrons that nextpnr (himbaechel) placed and routed on a model of the XC7Z020, ``fitting/packing.csv``:
2.2 positions per adder of a processing element, 48 per matrix layer and for the wrapper, 3.1 positions in a slice of
four.  Positions are then at most 0.7 % off, slices 6 %; a design of 44,309 LUTs that did not place demanded 49,316
positions, 49,300 by this.

What these positions are can be counted in the netlist of yosys: bits of a carry chain whose select input no LUT drives
that drives nothing else.  A register that counts, a constant, a LUT that is read elsewhere too need a LUT that only
passes them on.  There are 2.2 of them per adder, and 47 to 52 in a matrix layer of digits, as fitted.  Of other kinds
of layers none was placed; theirs are the most that were counted so (``fitting/chain_ends.csv``), rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

PER_CHAIN: Final = 2.2
"""Positions beside the bits of an adder."""
PER_MATRIX: Final = 48
"""Those of comparators and counters of a matrix layer, and of the wrapper."""
COUNTED: Final[Mapping[str, int]] = {"Pad": 40, "Window": 60, "Threshold": 28, "Add": 4, "Pool": 60, "fork": 32}
"""Those of a layer of another kind, and of a fork per reader but one; adders of every element that comes at once are
counted with the chains."""
UNKNOWN: Final = 64
"""Of a kind that was not looked at."""
COUNTED_OFF: Final = 0.2
"""Relative error of these beside what a placer takes: in the digits network 180 are counted, 218 fitted."""
PER_SLICE: Final = 3.1
LUTS_OF_A_SLICE: Final = 4


def positions(lut: float, chains: float, units: Sequence[str]) -> float:
    """Return LUT positions of so many LUTs with so many adders, in layers and forks of such kinds."""
    return lut + PER_CHAIN * chains + PER_MATRIX * (1 + units.count("MatMul")) + not_placed(units)


def not_placed(units: Sequence[str]) -> float:
    """Return the positions of comparators and counters of kinds of layers of which none was placed."""
    return sum(COUNTED.get(kind, UNKNOWN) for kind in units if kind != "MatMul")
