# SPDX-License-Identifier: Apache-2.0
"""Layers without a matrix: their buffers are counted, their control is a flat allowance that is not fitted."""

from __future__ import annotations

from math import gcd
from typing import Final

from drawplate_target_z7020.cost.estimate import Estimate
from drawplate_target_z7020.cost.memory import bram18, lut_ram
from drawplate_target_z7020.description import Layer, Pool, Stream, Threshold, Window
from drawplate_target_z7020.resources import Resources

CONTROL: Final = 120
"""LUTs and flip-flops of counters and handshakes."""
SMALL_DEPTH: Final = 64
"""Deeper buffers go to block RAM."""


def lanes(layer: Layer) -> int:
    """Return how many elements move at once."""
    return int(getattr(layer, "simd", getattr(layer, "pe", 1)))


def estimate_stream(layer: Layer, source: Stream, beat: int) -> Estimate:
    """Estimate a layer that moves or compares elements."""
    wide = lanes(layer)
    bits = wide * max(source.type.bits, layer.output.type.bits)
    common = gcd(beat, wide)
    cycles = max(layer.output.elements // wide, source.elements // common)
    taken = Resources(lut=CONTROL + 2 * bits, ff=CONTROL + 4 * bits)
    if isinstance(layer, Window | Pool):
        # Whole rows are kept: those of the window, and one that arrives.
        depth = (layer.kernel[0] + 1) * source.shape[1] * source.channels // wide
        held = wide * source.type.bits
        small = depth <= SMALL_DEPTH
        taken += Resources(lut=lut_ram(held, depth)) if small else Resources(bram18=bram18(held, depth))
    if isinstance(layer, Pool):
        cycles = max(cycles, layer.output.elements // wide * layer.kernel[0] * layer.kernel[1])
    if isinstance(layer, Threshold):
        taken += Resources(lut=wide * layer.output.type.bits * (2 * source.type.bits + 8))
    return Estimate(resources=taken, cycles=cycles)
