# SPDX-License-Identifier: Apache-2.0
"""Multi-threshold activation on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import ClassVar, Self

import numpy as np
from attrs import evolve, field, frozen

from drawplate_dataflow.cost import activation as cost
from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.cost.structure import Structure, assembled
from drawplate_dataflow.hardware.activation import (
    REQUANTISER_BITS,
    SMALLEST_ROOM,
    SumPort,
    activation,
    results,
)
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.requant import fit
from drawplate_dataflow.hardware.schedule import Delay
from drawplate_dataflow.hardware.text import CLOCK, address_bits, instance, wire
from drawplate_dataflow.layers.levels import activation_type, count_reached, per_channel
from drawplate_dataflow.layers.streaming import Core, Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.network import same_array
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers


@frozen(kw_only=True)
class Threshold(Streaming):
    """Multi-threshold activation on its own: FINN's Thresholding."""

    operators: ClassVar[tuple[str, ...]] = ("Thresholding",)

    thresholds: Integers = field(eq=same_array)
    """[channels, N], ascending along N."""
    pe: int

    @property
    def lanes(self) -> int:
        """Units, and elements that enter at once."""
        return self.pe

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's Thresholding."""
        source = context.stream(node)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(source, type=activation_type(node)),
            thresholds=per_channel(context.constants.integers(node, 1), source.channels),
            pe=node.integer("PE", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Count the thresholds that are reached."""
        return self.output.type.decode(count_reached(sources[0], self.thresholds))

    def delay(self, source: Stream) -> Delay:
        """Return that of its stages."""
        return Delay(Fraction(1, source.pixels), 2 * self.output.type.bits + 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int) -> Span:
        """Every word passes its stages."""
        del sources
        stages = 2 * self.output.type.bits + 3
        return Span(came.first + stages, max(came.last, came.first + cycles) + stages)

    # hardware ---------------------------------------------------------------------------------------------------------

    def _levels(self, source: Stream, bits: int) -> Integers:
        """Return thresholds on codes of the source; a sum has a bit more, so that one never reached can be said."""
        return unsigned_thresholds(self.thresholds, np.full(source.channels, source.type.low), source.type.step, bits)

    def core(self, sources: Sequence[Stream], module: str) -> Core:
        """Write a gate, the units, and the output FIFO."""
        x, out = sources[0].type, self.output.type
        channels = sources[0].channels // self.pe
        sums = SumPort(prefix=module, bits=x.bits + 1, units=self.pe, channels=channels)
        tail = activation(sums, self._levels(sources[0], sums.bits), out.bits)
        room = _room(tail.latency)
        body = wire(self.pe * sums.bits, "sum_data") + wire(address_bits(channels), "sum_channel")
        body += "  wire sum_valid, popped;\n"
        body += "".join(
            f"  assign sum_data[{lane * sums.bits} +: {sums.bits}] = {{1'b0, x_data[{lane * x.bits} +: {x.bits}]}};\n"
            for lane in range(self.pe)
        )
        body += instance(
            "dp_gate",
            "gate",
            {"ROOM": room, "CHANNELS": channels, "CB": address_bits(channels)},
            CLOCK
            | {"s_valid": "x_valid", "s_ready": "x_ready", "enter": "sum_valid"}
            | {"channel": "sum_channel", "popped": "popped"},
        )
        body += tail.body + results(self.pe * out.bits, room)
        files = {name: content for rom in tail.roms for name, content in rom.files.items()}
        return Core(
            body=body,
            library=("dp_gate.v", "dp_results.v", *tail.library),
            files=files,
            roms=tuple(rom.rom for rom in tail.roms),
            contents=tuple(files),
            dsp=tail.dsp,
        )

    def structure(self, sources: Sequence[Stream], beats: Sequence[int]) -> Structure:
        """Take it apart: beside library modules it has ROMs."""
        self.check(sources)
        units = self._units(sources[0])
        parts = (*self.front(sources, beats), *self._around(sources[0], units))
        return assembled(parts, units.roms, cycles=self.cycles(sources, beats), dsp=units.dsp)

    def parts(self, sources: Sequence[Stream]) -> Iterator[Part]:
        """Yield the gate, the units, and the output FIFO."""
        yield from self._around(sources[0], self._units(sources[0]))

    def _around(self, source: Stream, units: cost.ActivationCost) -> Iterator[Part]:
        channels, room = source.channels // self.pe, _room(units.latency)
        yield part("dp_gate", {"ROOM": room, "CHANNELS": channels, "CB": address_bits(channels)})
        yield from units.parts
        yield part("dp_results", {"BITS": self.pe * self.output.type.bits, "DEPTH": room})

    def _units(self, source: Stream) -> cost.ActivationCost:
        bits = self.output.type.bits
        sums = cost.Sums(source.type.bits + 1, self.pe, source.channels // self.pe)
        exact = fit(self._levels(source, sums.bits), sums.bits) if bits >= REQUANTISER_BITS else None
        if exact is None:
            return cost.thresholds(sums, bits)
        return cost.requantised(sums, bits, exact.factor_bits, exact.bias_bits)


def _room(latency: int) -> int:
    """Words of the output FIFO: what is on its way through the units."""
    return max(SMALLEST_ROOM, 1 << (latency + 3).bit_length())
