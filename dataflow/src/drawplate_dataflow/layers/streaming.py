# SPDX-License-Identifier: Apache-2.0
"""Layers without a matrix: a number of lanes, a divisor of the channels, moves a word per clock."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd
from typing import Any, ClassVar, Self

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.items import Item
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.structure import Facts, Structure, stream_module
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.network import Layer, LayerFolding, Stream
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.network.folding import divisors
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Streaming(Layer):
    """A layer that moves ``lanes`` elements per clock."""

    lanes_key: ClassVar[str] = "PE"
    """What FINN calls the lanes: PE or SIMD, and the attribute of that name, ``pe`` or ``simd``."""

    @property
    def lanes(self) -> int:
        """Elements that are moved at once."""
        return int(getattr(self, self.lanes_key.lower()))

    @abstractmethod
    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield what lies behind the width converters: from the nets ``x`` (or ``a``, ``b`` ...) to ``m``."""

    @property
    def folding(self) -> LayerFolding:
        """The lanes, as PE or SIMD."""
        return self._with(self.lanes)

    def folded(self, folding: LayerFolding) -> Self:
        """Return it with other lanes."""
        lanes = folding.simd if self.lanes_key == "SIMD" else folding.pe
        changed: dict[str, Any] = {self.lanes_key.lower(): lanes} if lanes else {}
        return evolve(self, **changed)

    def foldings(self, sources: Sequence[Stream], technology: Technology, multipliers: int) -> Iterator[LayerFolding]:
        """Yield the divisors of the channels."""
        del technology, multipliers
        yield from map(self._with, divisors(sources[0].channels))

    def _with(self, lanes: int) -> LayerFolding:
        return LayerFolding(simd=lanes) if self.lanes_key == "SIMD" else LayerFolding(pe=lanes)

    @property
    def takes(self) -> int:
        """The lanes."""
        return self.lanes

    @property
    def sends(self) -> int:
        """The lanes."""
        return self.lanes

    def check(self, sources: Sequence[Stream]) -> None:
        """Refuse lanes that do not divide the channels."""
        channels = sources[0].channels
        if self.lanes < 1 or channels % self.lanes:
            raise ModelError(
                f"{self.lanes_key} = {self.lanes} does not divide the {channels} channels",
                where=f"layer {self.said}",
                allowed=[str(lane) for lane in divisors(channels)],
            )

    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks of its narrowest place: the width converters, or what leaves."""
        arriving = [stream.elements // gcd(beat, self.lanes) for stream, beat in zip(sources, beats, strict=True)]
        return max(self.output.elements // self.lanes, *arriving)

    def delay(self, source: Stream) -> Delay:
        """Return that of a layer that treats every pixel by itself."""
        return Delay(Fraction(1, source.pixels), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """Return that of a layer that treats every word by itself."""
        del sources, technology
        return Span(came.first + 1, max(came.last, came.first + cycles) + 1)

    def structure(self, sources: Sequence[Stream], s_ports: Sequence[Port], technology: Technology) -> Structure:
        """Put together width converters and what lies behind them."""
        self.check(sources)
        lanes, out, many = self.lanes, self.output, len(sources) > 1
        m_port = Port.of(out, lanes)
        front = (
            item
            for at, (name, port) in enumerate(zip(input_names(len(sources)), s_ports, strict=True))
            for item in converter(f"s{at}" if many else "s", name, port, lanes)
        )
        items = (*front, *self.core(sources, technology))
        return Structure(
            module=stream_module(tuple(port.width for port in s_ports), m_port.width, items),
            m_port=m_port,
            cycles=self.cycles(sources, [port.elements for port in s_ports]),
            facts=Facts(pe=lanes, units=lanes),
        )


def input_names(count: int) -> tuple[str, ...]:
    """Return the first parts of the names of input nets: ``x``, or ``a``, ``b`` ..."""
    return ("x",) if count == 1 else tuple(chr(ord("a") + at) for at in range(count))
