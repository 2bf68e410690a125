# SPDX-License-Identifier: Apache-2.0
"""What follows the sums of a matrix layer: threshold units, requantisers or offsets."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from attrs import frozen

from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.hardware.activation import REQUANTISER_BITS, rom_style
from drawplate_dataflow.hardware.blocks import Share, offsets
from drawplate_dataflow.hardware.design import Rom
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.plan import MatMulPlan
from drawplate_dataflow.hardware.requant import fit
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.network import IntType, MatMul, Stream, Threshold


@frozen
class Tail:
    """ROMs and library modules of all units."""

    roms: tuple[Rom, ...]
    parts: tuple[Part, ...]
    dsp: int = 0
    latency: int = 0


def tail_of(layer: MatMul, x: IntType, plan: MatMulPlan) -> Tail:
    """Return the tail that the generator gives a layer."""
    if layer.thresholds is None:
        return _offsets(layer, x, plan)
    if layer.output.type.bits >= REQUANTISER_BITS:
        found = _requantiser(_Matrix(layer, x, plan.share), plan.accumulator)
        if found is not None:
            return _requantised(_sums(layer, plan), layer.output.type.bits, *found)
    return _thresholds(_sums(layer, plan), layer.output.type.bits)


def threshold_tail(layer: Threshold, source: Stream) -> Tail:
    """Return the tail that the generator gives a layer of thresholds alone."""
    x, bits = source.type, layer.output.type.bits
    sums = _Sums(x.bits + 1, layer.pe, source.channels // layer.pe)
    if bits >= REQUANTISER_BITS:
        levels = unsigned_thresholds(layer.thresholds, np.full(source.channels, x.low), x.step, sums.bits)
        found = fit(levels, sums.bits)
        if found is not None:
            return _requantised(sums, bits, found.factor_bits, found.bias_bits)
    return _thresholds(sums, bits)


@frozen
class _Sums:
    """What enters a tail."""

    bits: int
    units: int
    channels: int
    """Per unit."""


def _sums(layer: MatMul, plan: MatMulPlan) -> _Sums:
    return _Sums(plan.accumulator, plan.units, layer.mh // plan.units)


def _offsets(layer: MatMul, x: IntType, plan: MatMulPlan) -> Tail:
    bits = layer.output.type.bits
    offset = part("dp_offset", {"BITS": plan.accumulator, "SHIFT": x.step - 1, "OB": bits})
    return Tail((_rom(bits, layer.mh // plan.units),) * plan.units, (offset,) * plan.units)


def _thresholds(sums: _Sums, bits: int) -> Tail:
    roms = [_rom(sums.bits, sums.channels << stage) for stage in range(bits)]
    stage = part("dp_compare", {"OB": bits, "BITS": sums.bits, "CB": address_bits(sums.channels)})
    return Tail(tuple(roms) * sums.units, (stage,) * (bits * sums.units), latency=2 * bits)


def _requantised(sums: _Sums, bits: int, factor_bits: int, bias_bits: int) -> Tail:
    unit = part("dp_requant", {"BITS": sums.bits, "BB": bias_bits, "OB": bits})
    rom = _rom(factor_bits + bias_bits, sums.channels)
    return Tail((rom,) * sums.units, (unit,) * sums.units, sums.units, 5)


def _rom(bits: int, depth: int) -> Rom:
    return Rom(name="tail", purpose="thresholds", bits=bits, depth=depth, style=rom_style(bits, depth))


@frozen(eq=False)
class _Matrix:
    """A layer whose arrays are equal only to themselves: folding keeps them, so that the search below is done once."""

    layer: MatMul
    x: IntType
    share: Share | None

    @property
    def key(self) -> tuple[int, int, IntType, tuple[int, int] | None]:
        """What decides where the thresholds of stored sums lie: of the folding, only what is in blocks."""
        in_blocks = (self.layer.pe, self.share.pes) if self.share else None
        return (id(self.layer.weights), id(self.layer.thresholds), self.x, in_blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Matrix) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=64)
def _requantiser(matrix: _Matrix, bits: int) -> tuple[int, int] | None:
    """Return the bits of factors and biases, or None where multiplication is not exact."""
    thresholds = matrix.layer.thresholds
    assert thresholds is not None
    zero = offsets(matrix.layer, matrix.x, matrix.share)
    found = fit(unsigned_thresholds(thresholds, zero, matrix.x.step, bits), bits)
    return None if found is None else (found.factor_bits, found.bias_bits)
