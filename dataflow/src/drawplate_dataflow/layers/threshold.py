# SPDX-License-Identifier: Apache-2.0
"""Multi-threshold activation on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import ClassVar, Self

import numpy as np
from attrs import evolve, field, frozen

from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.activation import REQUANTISER_BITS, SMALLEST_ROOM, SumPort, activation, results
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.identity import ByIdentity
from drawplate_dataflow.hardware.items import Assign, Instance, Item, Wires
from drawplate_dataflow.hardware.library import GATE
from drawplate_dataflow.hardware.requant import Requantiser, fit
from drawplate_dataflow.hardware.text import CLOCK, address_bits
from drawplate_dataflow.layers.levels import activation_type, count_reached, per_channel
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.network.network import same_array
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, IntType
from drawplate_dataflow.technology import Multiplier, Technology


@frozen(kw_only=True)
class Threshold(Streaming):
    """Multi-threshold activation on its own: FINN's Thresholding."""

    operators: ClassVar[tuple[str, ...]] = ("Thresholding",)
    folds: ClassVar[str] = "PE: a divisor of the channels"
    needs: ClassVar[str] = "ROMs, comparators; a multiplier per PE where it does the same (6 bits and more)"

    thresholds: Integers = field(eq=same_array)
    """[channels, N], ascending along N."""
    pe: int

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

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """Every word passes its stages."""
        del sources, technology
        stages = 2 * self.output.type.bits + 3
        return Span(came.first + stages, max(came.last, came.first + cycles) + stages)

    # hardware ---------------------------------------------------------------------------------------------------------

    def _levels(self, source: Stream, bits: int) -> Integers:
        """Return thresholds on codes of the source; a sum has a bit more, so that one never reached can be said."""
        return _unsigned(self.thresholds, source.type, bits)

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield a gate, the units, and the output FIFO."""
        source, bits = sources[0], self.output.type.bits
        x, channels = source.type, source.channels // self.pe
        sums = SumPort(bits=x.bits + 1, units=self.pe, channels=channels, technology=technology)
        units = activation(sums, partial(self._levels, source, sums.bits), self._exact(source, sums), bits)
        room = max(SMALLEST_ROOM, 1 << (units.latency + 3).bit_length())
        yield Wires(self.pe * sums.bits, ("sum_data",))
        yield Wires(address_bits(channels), ("sum_channel",))
        yield Wires(None, ("sum_valid", "popped"))
        for lane in range(self.pe):
            yield Assign({sums.sum(lane): f"{{1'b0, x_data[{lane * x.bits} +: {x.bits}]}}"})
        nets = {"s_valid": "x_valid", "s_ready": "x_ready", "enter": "sum_valid"}
        gate = GATE(ROOM=room, CHANNELS=channels, CB=address_bits(channels))
        yield Instance(gate, "gate", CLOCK | nets | {"channel": "sum_channel", "popped": "popped"})
        yield from units.items
        yield results(self.pe * bits, room)

    def _exact(self, source: Stream, sums: SumPort) -> Requantiser | None:
        multiplier = sums.technology.multiplier
        if self.output.type.bits < REQUANTISER_BITS or multiplier is None:
            return None
        return _fitted(ByIdentity(self.thresholds), source.type, sums.bits, multiplier)


def _unsigned(thresholds: Integers, x: IntType, bits: int) -> Integers:
    return unsigned_thresholds(thresholds, np.full(len(thresholds), x.low), x.step, bits)


@lru_cache(maxsize=64)
def _fitted(thresholds: ByIdentity[Integers], x: IntType, bits: int, multiplier: Multiplier) -> Requantiser | None:
    """Return factors and biases, or None where multiplication is not exact; folding keeps the thresholds."""
    return fit(_unsigned(thresholds.value, x, bits), bits, multiplier)
