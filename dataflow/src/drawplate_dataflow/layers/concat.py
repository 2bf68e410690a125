# SPDX-License-Identifier: Apache-2.0
"""Channels of several streams side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from typing import ClassVar, Self

import numpy as np
from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Assign, Instance, Item, Wires, stream_wires
from drawplate_dataflow.hardware.library import CONCAT, FIFO
from drawplate_dataflow.hardware.schedule import fifo_depth
from drawplate_dataflow.hardware.text import CLOCK, Bits, stream
from drawplate_dataflow.layers.streaming import Streaming, input_names
from drawplate_dataflow.network import LayerFolding, Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.folding import divisors
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, IntType, spanning
from drawplate_dataflow.technology import Technology

MOST: int = 12
"""Streams that can be joined."""


@frozen(kw_only=True)
class Concat(Streaming):
    """The channels of several streams of one size, pixel by pixel: FINN's StreamingConcat."""

    operators: ClassVar[tuple[str, ...]] = ("StreamingConcat",)
    lanes_key: ClassVar[str] = "SIMD"
    folds: ClassVar[str] = "SIMD: a divisor of every stream's channels"
    needs: ClassVar[str] = "a memory for each FIFO"

    simd: int

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's StreamingConcat."""
        streams = [context.stream(node, at) for at in range(len(node.inputs))]
        if len({stream.shape[:2] for stream in streams}) > 1:
            shapes = ", ".join(str(stream.shape) for stream in streams)
            raise ModelError(f"joins streams of the shapes {shapes}", where=node.where)
        if len(streams) > MOST:
            raise ModelError(f"joins {len(streams)} streams", where=node.where, allowed=f"at most {MOST}")
        shape = (*streams[0].shape[:2], sum(stream.channels for stream in streams))
        return cls(
            name=node.name,
            inputs=tuple(context.source(node, at) for at in range(len(streams))),
            output=Stream(shape=shape, type=_common([stream.type for stream in streams], node)),
            simd=node.integer("SIMD", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Put channels side by side."""
        return np.concatenate(sources, axis=3)

    def foldings(self, sources: Sequence[Stream], technology: Technology, multipliers: int) -> Iterator[LayerFolding]:
        """Yield what divides the channels of every stream."""
        del technology, multipliers
        yield from (LayerFolding(simd=simd) for simd in divisors(_shared(sources)))

    def check(self, sources: Sequence[Stream]) -> None:
        """Refuse lanes that do not divide the channels of every stream."""
        if self.simd < 1 or _shared(sources) % self.simd:
            channels = ", ".join(str(source.channels) for source in sources)
            raise ModelError(
                f"SIMD = {self.simd} does not divide the {channels} channels",
                where=f"layer {self.said}",
                allowed=map(str, divisors(_shared(sources))),
            )

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield FIFOs of two pixels, because a stream waits while the others are sent, and what takes turns."""
        del technology
        out, words = self.output.type, [source.channels // self.simd for source in sources]
        names = input_names(len(sources))
        for name, source, count in zip(names, sources, words, strict=True):
            width, kept = self.simd * source.type.bits, f"{name}_kept"
            yield from stream_wires(kept, width)
            cell = FIFO(BITS=width, DEPTH=fifo_depth(2 * count))
            yield Instance(cell, kept, CLOCK | stream(name) | stream(kept, "m"))
            yield Wires(self.simd * out.bits, (f"{name}_code",))
            yield Assign(dict(_codes(name, source.type, out, self.simd)))
        cell = CONCAT(
            BITS=self.simd * out.bits,
            N=len(sources),
            MOST=max(words),
            WORDS=Bits(16 * len(words), sum(count << (16 * at) for at, count in enumerate(words))),
        )
        joined = {
            f"s_{part}": f"{{{', '.join(f'{name}_{net}' for name in reversed(names))}}}"
            for part, net in (("data", "code"), ("valid", "kept_valid"), ("ready", "kept_ready"))
        }
        yield Instance(cell, "concat", CLOCK | joined | stream("m", "m"))


def _shared(sources: Sequence[Stream]) -> int:
    return gcd(*(source.channels for source in sources))


def _common(types: Sequence[IntType], node: Node) -> IntType:
    """Return a type that holds what all streams carry."""
    if len(set(types)) == 1:
        return types[0]
    if any(kind.step != 1 for kind in types):
        raise ModelError("joins bipolar values with others", where=node.where)
    return spanning(min(kind.low for kind in types), max(kind.high for kind in types))


def _codes(name: str, kind: IntType, out: IntType, lanes: int) -> Iterator[tuple[str, str]]:
    """Yield assignments from codes of a stream to those of the output, which start lower."""
    for lane in range(lanes):
        code = f"{name}_kept_data[{lane * kind.bits} +: {kind.bits}]"
        above = kind.low - out.low
        yield f"{name}_code[{lane * out.bits} +: {out.bits}]", f"{code} + {out.bits}'d{above}" if above else code
