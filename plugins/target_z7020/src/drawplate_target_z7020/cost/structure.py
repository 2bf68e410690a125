# SPDX-License-Identifier: Apache-2.0
"""The parts of a layer, as the generator puts it together."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_target_z7020.cost.library import Part, multiplexer, part
from drawplate_target_z7020.cost.memory import block_rom
from drawplate_target_z7020.cost.streams import converters, stream_structure
from drawplate_target_z7020.cost.tail import tail_of
from drawplate_target_z7020.description import IntType, Layer, MatMul, Stream
from drawplate_target_z7020.rtl.constant import unroll
from drawplate_target_z7020.rtl.design import Rom, Style
from drawplate_target_z7020.rtl.plan import MatMulPlan, output_room, plan_matmul
from drawplate_target_z7020.rtl.rom import lut_count
from drawplate_target_z7020.rtl.text import address_bits

LARGEST_CONSTANT = 8192
"""Weights of the largest layer that is unrolled with its weights in the logic."""


@frozen(kw_only=True)
class Structure:
    """What a layer consists of."""

    luts: float
    """LUTs of processing elements and ROMs: counted."""
    ffs: int
    """Flip-flops of processing elements, ROMs and operand registers: counted."""
    parts: tuple[Part, ...]
    """Instances of library modules."""
    bram18: int
    dsp: int
    cycles: int


def structure(layer: Layer, source: Stream, beat: int) -> Structure:
    """Take a layer apart.

    Args:
        layer: the layer, folded.
        source: its (first) input stream.
        beat: elements of a word of its input stream.

    Raises:
        ModelError: when the folding cannot be built.
    """
    if isinstance(layer, MatMul):
        return _matrix(layer, source.type, beat)
    found = stream_structure(layer, source, beat)
    memory = _memory(found.roms)
    return Structure(
        luts=memory.luts,
        ffs=memory.ffs,
        parts=found.parts,
        bram18=memory.bram18 + sum(part.bram18 for part in found.parts),
        dsp=found.dsp,
        cycles=found.cycles,
    )


def _matrix(layer: MatMul, x: IntType, beat: int) -> Structure:
    plan = plan_matmul(layer, x, "layer", beat)
    elements = _elements(layer, x, plan)
    tail = tail_of(layer, x, plan)
    memory = _memory((*tail.roms, *(() if plan.unrolled else (plan.weights,))))
    return Structure(
        luts=elements.luts + memory.luts,
        ffs=elements.ffs + layer.simd * x.bits + memory.ffs,
        parts=(*_parts(layer, x, beat, plan, elements.latency), *tail.parts),
        bram18=memory.bram18,
        dsp=tail.dsp,
        cycles=plan.cycles,
    )


@frozen
class _Memory:
    """ROMs with the multiplexers and registers around them."""

    luts: float
    ffs: int
    bram18: int


def _memory(roms: tuple[Rom, ...]) -> _Memory:
    small = [rom for rom in roms if rom.style is Style.LUT]
    blocks = [(rom, block_rom(rom.bits, rom.depth)) for rom in roms if rom.style is Style.BLOCK]
    shared = [(rom.bits, block.rows) for rom, block in blocks if block.rows > 1]
    return _Memory(
        luts=sum(map(lut_count, small)) + sum(bits * multiplexer(rows) for bits, rows in shared),
        ffs=sum(rom.bits for rom in small) + sum(address_bits(rows) for _, rows in shared),
        bram18=sum(block.bram18 for _, block in blocks),
    )


@frozen
class _Elements:
    luts: int
    ffs: int
    latency: int


def _elements(layer: MatMul, x: IntType, plan: MatMulPlan) -> _Elements:
    """Count processing elements; netlists of weights in the logic have to be built for that."""
    if plan.dot is not None:
        net = plan.dot.netlist
        return _Elements(layer.pe * net.luts, layer.pe * net.ffs, plan.dot.latency)
    if layer.weights.size > LARGEST_CONSTANT:
        raise ModelError(
            f"{layer.weights.size:,} weights in the logic are not considered",
            where=f"layer {layer.name}",
            allowed=f"at most {LARGEST_CONSTANT:,} in one clock",
        )
    dots = unroll(layer.weights, x.bits, plan.accumulator, "layer")
    return _Elements(dots.luts, dots.ffs, dots.latency)


def _parts(layer: MatMul, x: IntType, beat: int, plan: MatMulPlan, latency: int) -> Iterator[Part]:
    """Yield the library modules around the processing elements, tail excepted."""
    yield from converters(x.bits, layer.mw, beat, layer.simd)
    yield part("dp_replay", {"BITS": layer.simd * x.bits, "SF": layer.sf, "NF": layer.nf})
    depth, room = plan.weights.depth, output_room(layer, plan.units, latency)
    outs, channels = layer.pe // plan.units, layer.mh // plan.units
    yield part(
        "dp_control", {"DEPTH": depth, "OUTS": outs, "ROOM": room, "LATENCY": latency, "AB": address_bits(depth)}
    )
    yield part(
        "dp_drain",
        {"BITS": plan.accumulator, "PE": layer.pe, "UNITS": plan.units}
        | {"CHANNELS": channels, "CB": address_bits(channels)},
    )
    yield part("dp_results", {"BITS": plan.units * layer.output.type.bits, "DEPTH": room})
