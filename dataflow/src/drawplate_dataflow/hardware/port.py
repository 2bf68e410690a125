# SPDX-License-Identifier: Apache-2.0
"""The shape of a stream at the boundary of a module."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Port:
    """One side of a stream: ``beats`` words of ``elements`` codes of ``bits`` bits make a frame."""

    elements: int
    bits: int
    beats: int

    @property
    def width(self) -> int:
        """Bits of a word."""
        return self.elements * self.bits
