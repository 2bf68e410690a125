# SPDX-License-Identifier: Apache-2.0
"""QONNX's names of the types that integers fit in."""

from __future__ import annotations


def datatype(low: int, high: int) -> str:
    """Return the narrowest type of a range."""
    if low >= 0:
        return unsigned(max(1, high.bit_length()))
    return f"INT{max(2, 1 + max(high.bit_length(), (-low - 1).bit_length()))}"


def unsigned(bits: int) -> str:
    """Return the name of an unsigned type; QONNX calls UINT1 so."""
    return "BINARY" if bits == 1 else f"UINT{bits}"


def limits(name: str) -> tuple[int, int]:
    """Return the smallest and the largest integer of a type."""
    if name == "BIPOLAR":
        return -1, 1
    if name == "BINARY":
        return 0, 1
    bits = int(name.lstrip("UINT"))
    return (0, (1 << bits) - 1) if name.startswith("U") else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
