# SPDX-License-Identifier: Apache-2.0
"""The parts of a matrix layer, as far as they are known without synthesis."""

from __future__ import annotations

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_target_z7020.description import IntType, MatMul
from drawplate_target_z7020.rtl.activation import rom_style
from drawplate_target_z7020.rtl.constant import unroll
from drawplate_target_z7020.rtl.design import Rom, Style
from drawplate_target_z7020.rtl.plan import output_room, plan_matmul
from drawplate_target_z7020.rtl.rom import lut_count

LARGEST_CONSTANT = 8192
"""Weights of the largest layer that is unrolled with its weights in the logic."""
FIT = ("one", "sums", "compared", "operands", "converted", "shared")
"""Names of the fitted terms, see :class:`Structure`."""


@frozen(kw_only=True)
class Structure:
    """What a matrix layer consists of."""

    luts: int
    """LUTs of processing elements, ROMs and LUT RAM: counted."""
    ffs: int
    """Flip-flops of processing elements, LUT ROMs and operand registers: counted."""
    bram18: int
    cycles: int
    terms: tuple[float, ...]
    """One per name in :data:`FIT`: 1; bits of all sums (PE times accumulator); bits compared by all threshold stages;
    bits of the operands; bits of the wider side of each width converter; bits that leave the drain."""


def structure(layer: MatMul, x: IntType, beat: int) -> Structure:
    """Take a layer apart.

    Args:
        layer: the layer, folded.
        x: type of its input.
        beat: elements of a word of its input stream.

    Raises:
        ModelError: when the folding cannot be built.
    """
    plan = plan_matmul(layer, x, "layer", beat)
    sums, bits = layer.pe * plan.accumulator, layer.output.type.bits
    roms = _tail_roms(layer, plan.accumulator, plan.units)
    operands = layer.simd * x.bits
    if plan.dot is None:
        elements = _constant_elements(layer, x, plan.accumulator)
    else:
        roms.append(plan.weights)
        net = plan.dot.netlist
        elements = _Elements(layer.pe * net.luts, layer.pe * net.ffs, plan.dot.latency)
    replay = lut_ram(operands, 2 * layer.sf) if layer.nf > 1 else 0
    results = lut_ram(plan.units * bits, output_room(layer, plan.units, elements.latency))
    levels = bits if layer.thresholds is not None else 1
    return Structure(
        luts=elements.luts + sum(map(lut_count, roms)) + replay + results,
        ffs=elements.ffs + sum(rom.bits for rom in roms if rom.style is Style.LUT) + operands,
        bram18=sum(bram18(rom.bits, rom.depth) for rom in roms if rom.style is Style.BLOCK),
        cycles=plan.cycles,
        terms=(
            1.0,
            float(sums),
            float(plan.units * levels * plan.accumulator),
            float(operands),
            float(max(beat, layer.simd) * x.bits) if beat != layer.simd else 0.0,
            float(plan.units * plan.accumulator) if layer.pe > plan.units else 0.0,
        ),
    )


@frozen
class _Elements:
    luts: int
    ffs: int
    latency: int


def _constant_elements(layer: MatMul, x: IntType, accumulator: int) -> _Elements:
    """Count elements whose weights are in the logic; their netlists have to be built for that."""
    if layer.weights.size > LARGEST_CONSTANT:
        raise ModelError(
            f"{layer.weights.size:,} weights in the logic are not considered",
            where=f"layer {layer.name}",
            allowed=f"at most {LARGEST_CONSTANT:,} in one clock",
        )
    dots = unroll(layer.weights, x.bits, accumulator, "layer")
    return _Elements(dots.luts, dots.ffs, dots.latency)


def _tail_roms(layer: MatMul, accumulator: int, units: int) -> list[Rom]:
    channels, bits = layer.mh // units, layer.output.type.bits
    if layer.thresholds is None:
        shapes = [(bits, channels)] * units
    else:
        shapes = [(accumulator, channels << stage) for stage in range(bits)] * units
    return [
        Rom(name="tail", purpose="thresholds", bits=width, depth=depth, style=rom_style(width, depth))
        for width, depth in shapes
    ]


def lut_ram(bits: int, depth: int) -> int:
    """LUTs of a distributed RAM with a write and a read port.

    RAM32M holds 6 bits of 32 words in 4 LUTs, RAM64M 3 bits of 64 words (UG474, chapter 2).
    """
    if depth <= 32:
        return -(-bits // 6) * 4
    return -(-bits // 3) * 4 * -(-depth // 64)


BRAM_SHAPES = ((512, 36, 72), (1024, 18, 36), (2048, 9, 18), (4096, 4, 9), (8192, 2, 4), (16384, 1, 2))
"""Words, and the width of a RAMB18 and of a RAMB36 of so many words (UG473, table 1-1)."""


def bram18(bits: int, depth: int) -> int:
    """RAMB18 of a ROM, a RAMB36 being two: the fewest over all depths and over mixtures of both widths."""
    return min(-(-depth // words) * _columns(bits, narrow, wide) for words, narrow, wide in BRAM_SHAPES)


def _columns(bits: int, narrow: int, wide: int) -> int:
    return min(2 * pairs + max(0, -(-(bits - pairs * wide) // narrow)) for pairs in range(-(-bits // wide) + 1))
