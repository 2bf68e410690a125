# SPDX-License-Identifier: Apache-2.0
"""What follows sums: threshold units, requantisers or offsets."""

from __future__ import annotations

from attrs import frozen

from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.hardware.activation import rom_style
from drawplate_dataflow.hardware.design import Rom
from drawplate_dataflow.hardware.text import address_bits


@frozen
class ActivationCost:
    """ROMs and library modules of all units."""

    roms: tuple[Rom, ...]
    parts: tuple[Part, ...]
    dsp: int = 0
    latency: int = 0


@frozen
class Sums:
    """What enters the units."""

    bits: int
    units: int
    channels: int
    """Per unit."""


def offsets(sums: Sums, step: int, bits: int) -> ActivationCost:
    """Units that send ``step * sum`` and a constant per channel."""
    offset = part("dp_offset", {"BITS": sums.bits, "SHIFT": step - 1, "OB": bits})
    return ActivationCost((_rom(bits, sums.channels),) * sums.units, (offset,) * sums.units)


def thresholds(sums: Sums, bits: int) -> ActivationCost:
    """Units that search among thresholds, a stage per bit of the result."""
    roms = [_rom(sums.bits, sums.channels << stage) for stage in range(bits)]
    stage = part("dp_compare", {"OB": bits, "BITS": sums.bits, "CB": address_bits(sums.channels)})
    return ActivationCost(tuple(roms) * sums.units, (stage,) * (bits * sums.units), latency=2 * bits)


def requantised(sums: Sums, bits: int, factor_bits: int, bias_bits: int) -> ActivationCost:
    """Units that multiply and shift, a DSP48E1 each."""
    unit = part("dp_requant", {"BITS": sums.bits, "BB": bias_bits, "OB": bits})
    rom = _rom(factor_bits + bias_bits, sums.channels)
    return ActivationCost((rom,) * sums.units, (unit,) * sums.units, sums.units, 5)


def _rom(bits: int, depth: int) -> Rom:
    return Rom(name="tail", purpose="thresholds", bits=bits, depth=depth, style=rom_style(bits, depth))
