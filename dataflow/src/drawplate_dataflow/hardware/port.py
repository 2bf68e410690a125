# SPDX-License-Identifier: Apache-2.0
"""The shape of a stream at the boundary of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from drawplate_dataflow.network.stream import Stream


@frozen(kw_only=True)
class Port:
    """One side of a stream: ``beats`` words of ``elements`` codes of ``bits`` bits make a frame."""

    elements: int
    bits: int
    beats: int

    @classmethod
    def of(cls, stream: Stream, elements: int) -> Port:
        """Return the port of a stream that moves in words of so many elements."""
        return cls(elements=elements, bits=stream.type.bits, beats=stream.elements // elements)

    @property
    def width(self) -> int:
        """Bits of a word."""
        return self.elements * self.bits
