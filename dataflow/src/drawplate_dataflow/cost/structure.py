# SPDX-License-Identifier: Apache-2.0
"""The parts of a layer, as the generator puts it together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.library import Part, multiplexer, part
from drawplate_dataflow.cost.memory import block_rom
from drawplate_dataflow.cost.streams import converters, stream_structure
from drawplate_dataflow.cost.tail import tail_of
from drawplate_dataflow.hardware.blocks import Share
from drawplate_dataflow.hardware.chains import longest_wait
from drawplate_dataflow.hardware.constant import unroll
from drawplate_dataflow.hardware.design import Rom, Style
from drawplate_dataflow.hardware.netlist import Netlist
from drawplate_dataflow.hardware.plan import MatMulPlan, cycles_of, output_room, plan_matmul
from drawplate_dataflow.hardware.rom import lut_count
from drawplate_dataflow.hardware.same import Same
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.network import IntType, Layer, MatMul, Stream

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


def structure(layer: Layer, sources: Sequence[Stream], beats: Sequence[int]) -> Structure:
    """Take a layer apart.

    Args:
        layer: the layer, folded.
        sources: its input streams.
        beats: elements of a word of each of these.

    Raises:
        ModelError: when the folding cannot be built.
    """
    if isinstance(layer, MatMul):
        return _matrix(layer, sources[0].type, beats[0])
    found = stream_structure(layer, sources, beats)
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
    behind = _behind_converters(Same(layer), x)
    before = converters(x.bits, layer.mw, beat, layer.simd)
    return evolve(behind, parts=(*before, *behind.parts), cycles=cycles_of(layer, beat))


@lru_cache(maxsize=8192)
def _behind_converters(same: Same[MatMul], x: IntType) -> Structure:
    """Take a layer apart that gets words of SIMD elements: the rest does not depend on what sends them."""
    layer = same.value
    plan = plan_matmul(layer, x, "layer", layer.simd)
    elements = _elements(layer, x, plan)
    tail = tail_of(layer, x, plan)
    memory = _memory((*tail.roms, *plan.roms))
    return Structure(
        luts=elements.luts + memory.luts,
        ffs=elements.ffs + layer.simd * x.bits + memory.ffs,
        parts=(*_parts(layer, x, plan, elements.latency), *tail.parts),
        bram18=memory.bram18,
        dsp=tail.dsp + (plan.share.dsp if plan.share else 0),
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
    if not plan.unrolled:
        count, net = layer.pe - layer.dsp_pe, plan.dot.netlist if plan.dot else Netlist()
        return _Elements(count * net.luts, count * net.ffs, plan.latency)
    if layer.weights.size > LARGEST_CONSTANT:
        raise ModelError(
            f"{layer.weights.size:,} weights in the logic are not considered",
            where=f"layer {layer.name}",
            allowed=f"at most {LARGEST_CONSTANT:,} in one clock",
        )
    dots = unroll(layer.weights, x.bits, plan.accumulator, "layer")
    return _Elements(dots.luts, dots.ffs, dots.latency)


def _parts(layer: MatMul, x: IntType, plan: MatMulPlan, latency: int) -> Iterator[Part]:
    """Yield the library modules around the processing elements, tail and width converters excepted."""
    yield part("dp_replay", {"BITS": layer.simd * x.bits, "SF": layer.sf, "NF": layer.nf})
    if plan.share is not None:
        yield from _blocks(layer, x, plan, plan.share)
    depth, room = plan.depth, output_room(layer, plan.units, latency)
    outs, channels = layer.pe // plan.units, layer.mh // plan.units
    yield part(
        "dp_control", {"DEPTH": depth, "OUTS": outs, "ROOM": room, "LATENCY": latency, "AB": address_bits(depth)}
    )
    yield part(
        "dp_drain",
        {"BITS": plan.accumulator, "PE": layer.pe, "UNITS": plan.units}
        | {"CHANNELS": channels, "CB": address_bits(channels), "LATE": layer.dsp_pe if plan.late else 0},
    )
    yield part("dp_results", {"BITS": plan.units * layer.output.type.bits, "DEPTH": room})


def _blocks(layer: MatMul, x: IntType, plan: MatMulPlan, share: Share) -> Iterator[Part]:
    """Yield the library modules around DSP48E1 blocks; the chains themselves take nothing else."""
    yield part("dp_taps", {"BITS": address_bits(plan.depth), "CLOCKS": longest_wait(plan)})
    for lane in range(0, layer.simd, 2):
        yield part("dp_delay", {"BITS": x.bits * min(2, layer.simd - lane), "CLOCKS": share.wait + lane})
    if plan.late:
        yield part("dp_delay", {"BITS": 3, "CLOCKS": plan.late})
    if plan.dot_wait:
        yield part("dp_delay", {"BITS": layer.simd * x.bits, "CLOCKS": plan.dot_wait})
    packing = share.packing
    chain = {"LANES": layer.simd, "XB": x.bits, "WEIGHTS": packing.weights, "WB": packing.weight_bits}
    yield from (part("dp_chain", chain | {"LB": packing.lane_bits, "ADDUP": int(packing.adds_up)}),) * share.chains
    if not packing.adds_up:
        adder = part("dp_accumulate", {"BITS": plan.accumulator, "TERM": min(plan.accumulator, packing.lane_bits)})
        yield from (adder,) * share.pes
