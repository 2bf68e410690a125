# SPDX-License-Identifier: Apache-2.0
"""What follows the sums of a matrix layer: threshold units, requantisers or offsets."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from drawplate_target_z7020.cost.library import Part, part
from drawplate_target_z7020.description import IntType, MatMul
from drawplate_target_z7020.description.types import Integers
from drawplate_target_z7020.rtl.activation import REQUANTISER_BITS, rom_style
from drawplate_target_z7020.rtl.design import Rom
from drawplate_target_z7020.rtl.encode import offsets_of, unsigned_thresholds
from drawplate_target_z7020.rtl.plan import MatMulPlan
from drawplate_target_z7020.rtl.requant import fit
from drawplate_target_z7020.rtl.text import address_bits


@frozen
class Tail:
    """ROMs and library modules of all units."""

    roms: tuple[Rom, ...]
    parts: tuple[Part, ...]
    dsp: int = 0


def tail_of(layer: MatMul, x: IntType, plan: MatMulPlan) -> Tail:
    """Return the tail that the generator gives a layer."""
    if layer.thresholds is None:
        return _offsets(layer, x, plan)
    if layer.output.type.bits >= REQUANTISER_BITS:
        found = _requantiser(_Matrix(layer.weights, layer.thresholds, x), plan.accumulator)
        if found is not None:
            return _requantised(layer, plan, *found)
    return _thresholds(layer, plan)


def _offsets(layer: MatMul, x: IntType, plan: MatMulPlan) -> Tail:
    bits = layer.output.type.bits
    offset = part("dp_offset", {"BITS": plan.accumulator, "SHIFT": x.step - 1, "OB": bits})
    return Tail((_rom(bits, layer.mh // plan.units),) * plan.units, (offset,) * plan.units)


def _thresholds(layer: MatMul, plan: MatMulPlan) -> Tail:
    channels, bits, wide = layer.mh // plan.units, layer.output.type.bits, plan.accumulator
    roms = [_rom(wide, channels << stage) for stage in range(bits)]
    stage = part("dp_compare", {"OB": bits, "BITS": wide, "CB": address_bits(channels)})
    return Tail(tuple(roms) * plan.units, (stage,) * (bits * plan.units))


def _requantised(layer: MatMul, plan: MatMulPlan, factor_bits: int, bias_bits: int) -> Tail:
    unit = part("dp_requant", {"BITS": plan.accumulator, "BB": bias_bits, "OB": layer.output.type.bits})
    rom = _rom(factor_bits + bias_bits, layer.mh // plan.units)
    return Tail((rom,) * plan.units, (unit,) * plan.units, plan.units)


def _rom(bits: int, depth: int) -> Rom:
    return Rom(name="tail", purpose="thresholds", bits=bits, depth=depth, style=rom_style(bits, depth))


@frozen(eq=False)
class _Matrix:
    """Arrays that are equal only to themselves: folding a layer keeps them, so that the search below is done once."""

    weights: Integers
    thresholds: Integers
    x: IntType

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Matrix)
            and self.weights is other.weights
            and self.thresholds is other.thresholds
            and self.x == other.x
        )

    def __hash__(self) -> int:
        return hash((id(self.weights), id(self.thresholds), self.x))


@lru_cache(maxsize=64)
def _requantiser(matrix: _Matrix, bits: int) -> tuple[int, int] | None:
    """Return the bits of factors and biases, or None where multiplication is not exact."""
    offset = offsets_of(matrix.weights, matrix.x)
    found = fit(unsigned_thresholds(matrix.thresholds, offset, matrix.x.step, bits), bits)
    return None if found is None else (found.factor_bits, found.bias_bits)
