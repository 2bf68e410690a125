# SPDX-License-Identifier: Apache-2.0
"""A depthwise layer in hardware: width converter, ring of rows, processing elements, drain, threshold units, results.

A processing element multiplies one number per clock; beside its weight it has an input of its own, the channel's.
"""

from __future__ import annotations

from collections.abc import Iterator

from drawplate_dataflow.hardware.activation import results
from drawplate_dataflow.hardware.element import Element
from drawplate_dataflow.hardware.encode import pack
from drawplate_dataflow.hardware.items import Instance, Item, Note, Repeated, Wires, stream_wires
from drawplate_dataflow.hardware.library import REPLAY
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.rom import RomCell, read
from drawplate_dataflow.hardware.structure import Facts, Structure, stream_module
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.layers.matmul.encode import arrange
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan, output_room, plan_matmul
from drawplate_dataflow.layers.matmul.structure import control, drain, operands, units
from drawplate_dataflow.network import IntType, Stream
from drawplate_dataflow.technology import Technology


def depthwise_structure(
    layer: Matrix, ring: Instance, source: Stream, s_port: Port, cycles: int, technology: Technology
) -> Structure:
    """Put a depthwise layer together.

    Args:
        layer: weights [numbers of a window, channels], SIMD 1.
        ring: the ring of rows, from the nets ``x`` to the nets ``y``.
        source: its input stream.
        s_port: its input port.
        cycles: clocks per frame.
        technology: what it is built for.
    """
    x, out, plan = source.type, layer.output.type, plan_matmul(layer, source.type, technology)
    m_port = Port.of(layer.output, plan.units)
    room = output_room(layer, plan, plan.latency)
    items = (
        Note(f"{layer.mw} numbers of each of {layer.mh} channels, PE = {layer.pe}"),
        *converter("s", "x", s_port, layer.pe),
        *stream_wires("y", layer.pe * x.bits),
        ring,
        *_words(layer, x, plan.late_words),
        *control(layer, plan, plan.latency, room),
        *_elements(layer, plan, x),
        *drain(layer, plan),
        *units(layer, x, plan).items,
        results(plan.units * out.bits, room),
    )
    return Structure(
        module=stream_module((s_port.width,), m_port.width, items),
        m_port=m_port,
        cycles=cycles,
        facts=Facts(
            pe=layer.pe,
            units=plan.units,
            weight_bits=plan.code.bits,
            accumulator=plan.accumulator,
            latency=plan.latency,
        ),
    )


def _words(layer: Matrix, x: IntType, late: int) -> Iterator[Item]:
    """From the words of a window to operands; nothing is replayed, only counted."""
    lanes, handshake = layer.pe * x.bits, ("available", "take", "first", "last", "last_pass")
    yield Wires(lanes, ("q",))
    yield Wires(None, (*handshake, "popped", "add_valid", "add_first", "done"))
    nets = {name: name for name in ("q", *handshake)}
    yield Instance(REPLAY(BITS=lanes, SF=layer.sf, NF=1), "replay", CLOCK | stream("y") | nets)
    yield from operands(lanes, late)


def _elements(layer: Matrix, plan: MatMulPlan, x: IntType) -> Iterator[Item]:
    assert plan.weights is not None
    assert plan.dot is not None
    element, bits, each = Element(plan.dot), plan.accumulator, plan.code.bits

    def words() -> list[int]:
        return pack(arrange(plan.code.encode(layer.weights), layer).reshape(plan.depth, -1), each)

    def one(pe: int) -> Iterator[Item]:
        nets = {"clk": "clk", "valid": "add_valid", "first": "add_first"}
        ends = {"x": f"operands[{pe * x.bits} +: {x.bits}]", "w": f"w[{pe * each} +: {each}]"}
        yield Instance(element, f"pe{pe}", nets | ends | {"acc": f"sums[{pe * bits} +: {bits}]"})

    yield Wires(layer.pe * bits, ("sums",))
    yield Wires(plan.weights.bits, ("w",))
    yield from read(RomCell(plan.weights, words), "weights", "address", "w", plan.technology)
    yield Repeated(layer.pe, one)
