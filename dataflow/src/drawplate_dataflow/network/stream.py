# SPDX-License-Identifier: Apache-2.0
"""What layers exchange: streams of integer images.

A frame is a tensor of shape (height, width, channels), sent pixel by pixel with the channels innermost.  A vector is a
1 x 1 image.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate_dataflow.network.types import IntType

INPUT: Final = "input"
"""The name that layers use for the stream that enters the network."""


@frozen(kw_only=True)
class Stream:
    """Shape and element type of what a layer sends."""

    shape: tuple[int, int, int]
    """(height, width, channels)."""
    type: IntType

    @property
    def channels(self) -> int:
        """Elements of one pixel."""
        return self.shape[2]

    @property
    def pixels(self) -> int:
        """Pixels of one frame."""
        return self.shape[0] * self.shape[1]

    @property
    def elements(self) -> int:
        """Elements of one frame."""
        return self.pixels * self.channels
