# SPDX-License-Identifier: Apache-2.0
"""A matrix layer in hardware: width converter, replay, processing elements, drain, threshold units, results."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import lru_cache, partial

from attrs import frozen

from drawplate_dataflow.hardware.activation import (
    REQUANTISER_BITS,
    Activation,
    SumPort,
    activation,
    offsets,
    results,
)
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.identity import ByIdentity
from drawplate_dataflow.hardware.items import Instance, Item, Note, Register, Section, Wires
from drawplate_dataflow.hardware.library import CONTROL, DRAIN, REPLAY
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.requant import Requantiser, fit
from drawplate_dataflow.hardware.rom import delayed
from drawplate_dataflow.hardware.structure import Facts, Structure, stream_module
from drawplate_dataflow.hardware.text import CLOCK, address_bits, stream
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.layers.matmul.blocks import Share, sum_bits
from drawplate_dataflow.layers.matmul.blocks import offsets as offsets_of_sums
from drawplate_dataflow.layers.matmul.engine import Engine, engine
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import (
    MatMulPlan,
    accumulator_bits,
    code_of,
    cycles_of,
    output_room,
    plan_matmul,
)
from drawplate_dataflow.network import IntType
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology


def matrix_structure(layer: Matrix, x: IntType, s_port: Port, technology: Technology) -> Structure:
    """Put a matrix layer together.

    Args:
        layer: the layer, folded.
        x: type of its input stream.
        s_port: its input port.
        technology: what it is built for.

    Raises:
        ModelError: when the folding cannot be built.
    """
    core = _core(ByIdentity(layer), x, technology)
    # A vector, not the image, is what ends with a partly filled word.
    vector = Port(elements=s_port.elements, bits=x.bits, beats=s_port.beats // layer.output.pixels)
    said = Note(f"{layer.mw} x {layer.mh}, PE = {layer.pe}, SIMD = {layer.simd}")
    items = (said, *converter("s", "x", vector, layer.simd), core.section)
    return Structure(
        module=stream_module((s_port.width,), core.m_port.width, items),
        m_port=core.m_port,
        cycles=cycles_of(layer, s_port.elements),
        facts=core.facts,
    )


@frozen(eq=False)
class _Core:
    """What lies behind the width converters; it does not depend on what sends the words."""

    section: Section
    m_port: Port
    facts: Facts


def matrix_key(layer: Matrix, x: IntType) -> Hashable | None:
    """Return what decides the structure of a layer but for the contents of its memories.

    None where the values of weights or thresholds do: constants in the logic, and requantisers.
    """
    requantised = layer.thresholds is not None and layer.output.type.bits >= REQUANTISER_BITS
    if requantised or layer.sf * layer.nf == 1:
        return None
    sizes = (layer.weights.shape, layer.weight_type, layer.thresholds is None, layer.output, x)
    widths = (code_of(layer), accumulator_bits(layer, x), sum_bits(layer, x))
    return (sizes, widths, layer.pe, layer.simd, layer.memory, layer.dsp_pe)


@lru_cache(maxsize=8192)
def _core(same: ByIdentity[Matrix], x: IntType, technology: Technology) -> _Core:
    layer = same.value
    plan = plan_matmul(layer, x, technology)
    made, out = engine(layer, plan, x), layer.output
    m_port = Port.of(out, plan.units)
    facts = Facts(
        pe=layer.pe,
        simd=layer.simd,
        units=plan.units,
        weight_bits=plan.code.bits,
        accumulator=plan.accumulator,
        latency=made.latency,
        unrolled=plan.unrolled,
    )
    return _Core(Section(partial(_items, layer, x, plan, made)), m_port, facts)


def _items(layer: Matrix, x: IntType, plan: MatMulPlan, made: Engine) -> Iterator[Item]:
    """From words of SIMD elements to results."""
    room = output_room(layer, plan, made.latency)
    yield from _replay(layer, x, 0 if plan.unrolled else plan.technology.rom_clocks - 1)
    yield from control(layer, plan, made.latency, room)
    yield from made.items()
    yield from drain(layer, plan)
    yield from units(layer, x, plan).items
    yield results(plan.units * layer.output.type.bits, room)


def _replay(layer: Matrix, x: IntType, late: int) -> Iterator[Item]:
    """From words of SIMD elements to words that are replayed, for weights ``late`` clocks behind a ROM of one."""
    lanes, handshake = layer.simd * x.bits, ("available", "take", "first", "last", "last_pass")
    yield Wires(lanes, ("q",))
    yield Wires(None, (*handshake, "popped", "add_valid", "add_first", "done"))
    nets = {name: name for name in ("q", *handshake)}
    yield Instance(REPLAY(BITS=lanes, SF=layer.sf, NF=layer.nf), "replay", CLOCK | stream("x") | nets)
    yield from operands(lanes, late)


def operands(lanes: int, late: int) -> Iterator[Item]:
    """Yield the register in which ``q`` meets its weights, which come ``late`` clocks behind those of a ROM of one."""
    if not late:
        yield Register("operands", lanes, "q")
        return
    yield Wires(lanes, ("operands",))
    yield delayed("operands_wait", lanes, 1 + late, "q", "operands")


def control(layer: Matrix, plan: MatMulPlan, latency: int, room: int) -> Iterator[Item]:
    """Say when a word is taken, which weights meet it, and when sums are done; ``room`` results may be under way."""
    used, bits = layer.mh - (layer.nf - 1) * layer.pe, address_bits(plan.depth)
    cell = CONTROL(
        DEPTH=plan.depth,
        OUTS=layer.pe // plan.units,
        LAST_OUTS=-(-used // plan.units),
        ROOM=room,
        LATENCY=latency,
        AB=bits,
    )
    names = ("available", "first", "last", "last_pass", "popped", "take", "address", "add_valid", "add_first", "done")
    yield Wires(bits, ("address",))
    yield Instance(cell, "control", CLOCK | {name: name for name in names})


def drain(layer: Matrix, plan: MatMulPlan) -> Iterator[Item]:
    """From all sums at once to as many at a time as there are units."""
    channels, bits = layer.mh // plan.units, plan.accumulator
    cell = DRAIN(
        BITS=bits,
        PE=layer.pe,
        UNITS=plan.units,
        CHANNELS=channels,
        CB=address_bits(channels),
        LATE=layer.dsp_pe if plan.late else 0,
    )
    nets = {"done": "done", "late": "late_done" if plan.late else "done", "sums": "sums", "q": "sum_data"}
    yield Wires(plan.units * bits, ("sum_data",))
    yield Wires(None, ("sum_valid",))
    yield Wires(address_bits(channels), ("sum_channel",))
    yield Instance(cell, "drain", CLOCK | nets | {"valid": "sum_valid", "channel": "sum_channel"})


# units --------------------------------------------------------------------------------------------------------------


def units(layer: Matrix, x: IntType, plan: MatMulPlan) -> Activation:
    """What turns sums into codes; values of stored sums are formed only where they are needed."""
    out, share, channels = layer.output.type, plan.share, layer.mh // plan.units
    sums = SumPort(bits=plan.accumulator, units=plan.units, channels=channels, technology=plan.technology)
    if layer.thresholds is None:
        return offsets(sums, lambda: offsets_of_sums(layer, x, share) - out.low, x.step, out.bits)
    levels = partial(_levels, layer, x, share, sums.bits)
    multiplier, exact = sums.technology.multiplier, None
    if multiplier is not None and out.bits >= REQUANTISER_BITS:
        exact = _requantiser(_Arrays(layer, x, share), sums.bits, sums.technology)
    return activation(sums, levels, exact, out.bits)


def _levels(layer: Matrix, x: IntType, share: Share | None, bits: int) -> Integers:
    assert layer.thresholds is not None
    return unsigned_thresholds(layer.thresholds, offsets_of_sums(layer, x, share), x.step, bits)


@frozen(eq=False)
class _Arrays:
    """A layer whose arrays are equal only to themselves: folding keeps them, so that the search below is done once."""

    layer: Matrix
    x: IntType
    share: Share | None

    @property
    def key(self) -> tuple[int, int, IntType, tuple[int, int] | None]:
        """What decides where the thresholds of stored sums lie: of the folding, only what is in blocks."""
        in_blocks = (self.layer.pe, self.share.pes) if self.share else None
        return (id(self.layer.weights), id(self.layer.thresholds), self.x, in_blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Arrays) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=64)
def _requantiser(arrays: _Arrays, bits: int, technology: Technology) -> Requantiser | None:
    """Return factors and biases, or None where multiplication is not exact."""
    assert technology.multiplier is not None
    return fit(_levels(arrays.layer, arrays.x, arrays.share, bits), bits, technology.multiplier)
