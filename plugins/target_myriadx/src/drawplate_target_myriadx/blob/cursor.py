# SPDX-License-Identifier: Apache-2.0
"""Reading words from bytes that nobody vouches for."""

from __future__ import annotations

import struct

from attrs import define

from drawplate.errors import ModelError


def damaged(what: str, position: int) -> ModelError:
    """Say that a blob is not what it should be."""
    return ModelError(f"is no Myriad X blob, or a damaged one: {what}", where=f"byte {position}")


@define
class Cursor:
    """A place in the blob that moves on as words are read."""

    data: bytes
    at: int
    end: int
    """First byte that must not be read."""

    def take(self, count: int) -> bytes:
        """Read bytes.

        Raises:
            ModelError: when they go beyond the end.
        """
        if count < 0 or self.at + count > self.end:
            raise damaged(f"{count} bytes are read beyond {self.end}", self.at)
        self.at += count
        return self.data[self.at - count : self.at]

    def word(self) -> int:
        """Read an unsigned word of 32 bits."""
        return int.from_bytes(self.take(4), "little")

    def words(self, count: int) -> tuple[int, ...]:
        """Read unsigned words."""
        return struct.unpack(f"<{count}I", self.take(4 * count))

    def real(self) -> float:
        """Read a float of 32 bits."""
        (value,) = struct.unpack("<f", self.take(4))
        return float(value)

    def part(self, length: int) -> Cursor:
        """Return a cursor over the next bytes, and skip them."""
        start = self.at
        self.take(length)
        return Cursor(self.data, start, self.at)

    def finish(self) -> None:
        """Check that nothing is left.

        Raises:
            ModelError: when bytes are left over.
        """
        if self.at != self.end:
            raise damaged(f"{self.end - self.at} bytes are left over", self.at)
