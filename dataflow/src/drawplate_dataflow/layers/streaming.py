# SPDX-License-Identifier: Apache-2.0
"""Layers without a matrix: a number of lanes, a divisor of the channels, moves a word per clock."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd
from typing import Any, ClassVar, Self

from attrs import evolve, field, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.library import Part
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.cost.structure import Structure, assembled, converters
from drawplate_dataflow.hardware.design import LayerDesign, Port, Rom
from drawplate_dataflow.hardware.files import LayerFiles
from drawplate_dataflow.hardware.schedule import Delay
from drawplate_dataflow.hardware.text import stream_module
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.network import Layer, LayerFolding, Stream
from drawplate_dataflow.network.folding import divisors


@frozen(kw_only=True)
class Core:
    """What lies behind a layer's width converters: from the nets ``x`` (or ``a``, ``b`` ...) to ``m``."""

    body: str = field(repr=False)
    library: tuple[str, ...]
    """Library files."""
    files: Mapping[str, bytes] = field(factory=dict, repr=False)
    """Its own files: ROMs, or modules that the library does not have."""
    roms: tuple[Rom, ...] = ()
    contents: tuple[str, ...] = ()
    """Files that only hold ROM contents."""
    dsp: int = 0


@frozen(kw_only=True)
class Streaming(Layer):
    """A layer that moves ``lanes`` elements per clock."""

    lanes_key: ClassVar[str] = "PE"
    """What FINN calls the lanes."""

    @property
    @abstractmethod
    def lanes(self) -> int:
        """Elements that are moved at once."""

    @abstractmethod
    def core(self, sources: Sequence[Stream], module: str) -> Core:
        """Write what lies behind the width converters."""

    @abstractmethod
    def parts(self, sources: Sequence[Stream]) -> Iterator[Part]:
        """Yield the library modules behind the width converters."""

    @property
    def folding(self) -> LayerFolding:
        """The lanes, as PE or SIMD."""
        return self._with(self.lanes)

    def folded(self, folding: LayerFolding) -> Self:
        """Return it with other lanes."""
        lanes = folding.simd if self.lanes_key == "SIMD" else folding.pe
        changed: dict[str, Any] = {self.lanes_key.lower(): lanes} if lanes else {}
        return evolve(self, **changed)

    def foldings(self, sources: Sequence[Stream], multipliers: int) -> Iterator[LayerFolding]:
        """Yield the divisors of the channels."""
        del multipliers
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
                where=f"layer {self.name}",
                allowed=[str(lane) for lane in divisors(channels)],
            )

    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks of its narrowest place: the width converters, or what leaves."""
        arriving = [stream.elements // gcd(beat, self.lanes) for stream, beat in zip(sources, beats, strict=True)]
        return max(self.output.elements // self.lanes, *arriving)

    def delay(self, source: Stream) -> Delay:
        """Return that of a layer that treats every pixel by itself."""
        return Delay(Fraction(1, source.pixels), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int) -> Span:
        """Return that of a layer that treats every word by itself."""
        del sources
        return Span(came.first + 1, max(came.last, came.first + cycles) + 1)

    def structure(self, sources: Sequence[Stream], beats: Sequence[int]) -> Structure:
        """Take it apart: width converters, and what lies behind them."""
        self.check(sources)
        parts = (*self.front(sources, beats), *self.parts(sources))
        return assembled(parts, cycles=self.cycles(sources, beats))

    def front(self, sources: Sequence[Stream], beats: Sequence[int]) -> Iterator[Part]:
        """Yield the width converters."""
        for source, beat in zip(sources, beats, strict=True):
            yield from converters(source.type.bits, source.elements, beat, self.lanes)

    def generate(self, sources: Sequence[Stream], module: str, s_ports: Sequence[Port]) -> LayerFiles:
        """Write width converters and what lies behind them."""
        self.check(sources)
        lanes, out = self.lanes, self.output
        m_port = Port(elements=lanes, bits=out.type.bits, beats=out.elements // lanes)
        core, many = self.core(sources, module), len(sources) > 1
        front = "".join(
            converter(f"s{at}" if many else "s", chr(ord("a") + at) if many else "x", source.type.bits, port, lanes)
            for at, (source, port) in enumerate(zip(sources, s_ports, strict=True))
        )
        text = stream_module(module, [port.width for port in s_ports], m_port.width, front + core.body)
        return LayerFiles(
            files={**core.files, f"{module}.v": text.encode()},
            library=("dp_width.v", *core.library),
            design=LayerDesign(
                name=self.name,
                kind=self.kind,
                module=module,
                sources=(),
                contents=core.contents,
                roms=core.roms,
                s_ports=tuple(s_ports),
                m_port=m_port,
                cycles=self.cycles(sources, [port.elements for port in s_ports]),
                pe=lanes,
                units=lanes,
                input_bits=s_ports[0].bits,
                output_bits=m_port.bits,
                dsp=core.dsp,
            ),
        )
