# SPDX-License-Identifier: Apache-2.0
"""The integers that travel on a stream: a value is an affine function of an unsigned code."""

from __future__ import annotations

import re

import numpy as np
from attrs import field, frozen, validators
from numpy.typing import NDArray

from drawplate.errors import ModelError

Integers = NDArray[np.int64]

_NAMES = "UINTn, INTn, BIPOLAR, BINARY, TERNARY"
_SIZED = re.compile(r"(U?)INT(\d+)")


@frozen
class IntType:
    """Integers ``low + step * code`` with ``code`` in ``0 .. 2**bits - 1``.

    The hardware only sees the code, so unsigned, signed and bipolar values share one data path: what the
    affine map adds to a sum is a constant per channel, which is moved into the thresholds beforehand.
    """

    bits: int = field(validator=validators.ge(1))
    low: int = 0
    """The value of code 0."""
    step: int = field(default=1, validator=validators.ge(1))
    """2 for bipolar values (-1 and +1), otherwise 1."""

    @property
    def high(self) -> int:
        """The value of the largest code."""
        return self.low + self.step * ((1 << self.bits) - 1)

    @property
    def bipolar(self) -> bool:
        """Whether the values are -1 and +1."""
        return self == BIPOLAR

    def code(self, value: int) -> int | None:
        """Return the code of a value, or None where it cannot be said (0 where values are bipolar)."""
        code, rest = divmod(value - self.low, self.step)
        return code if not rest and 0 <= code < 1 << self.bits else None

    def encode(self, values: NDArray[np.generic]) -> Integers:
        """Turn values into codes, any shape.

        Raises:
            ValueError: when a value has no code.
        """
        whole = np.asarray(values).astype(np.int64)
        codes, rest = np.divmod(whole - self.low, self.step)
        if np.any(rest) or np.any(codes < 0) or np.any(codes >= (1 << self.bits)):
            raise ValueError(f"values outside {self}: {whole.min()} .. {whole.max()}")
        return codes

    def decode(self, codes: NDArray[np.generic]) -> Integers:
        """Turn codes into values, any shape."""
        return self.low + self.step * np.asarray(codes).astype(np.int64)

    def __str__(self) -> str:
        """Say it in a message."""
        return "BIPOLAR" if self.bipolar else f"{self.bits}-bit {self.low} .. {self.high}"


BIPOLAR = IntType(1, -1, 2)
TERNARY = IntType(2, -1, 1)


def unsigned(bits: int) -> IntType:
    """Return the type of ``0 .. 2**bits - 1``."""
    return IntType(bits)


def signed(bits: int) -> IntType:
    """Return the type of ``-2**(bits-1) .. 2**(bits-1) - 1``."""
    return IntType(bits, -(1 << (bits - 1)))


def spanning(low: int, high: int, step: int = 1) -> IntType:
    """Return the narrowest type of a step that starts at ``low`` and reaches ``high``."""
    return IntType(max(1, ((high - low) // step).bit_length()), low, step)


def type_name(kind: IntType) -> str:
    """Name a type as QONNX does: UINT8, INT3, BIPOLAR; any other by its range."""
    if kind == unsigned(kind.bits):
        return f"UINT{kind.bits}"
    return f"INT{kind.bits}" if kind == signed(kind.bits) else str(kind)


def parse_type(name: str) -> IntType:
    """Read a QONNX data type name: ``UINT3``, ``INT4``, ``BIPOLAR``, ``BINARY``, ``TERNARY``.

    Raises:
        ModelError: when the name is not one of these.
    """
    named = {"BIPOLAR": BIPOLAR, "BINARY": unsigned(1), "TERNARY": TERNARY}
    if name in named:
        return named[name]
    match = _SIZED.fullmatch(name)
    if match is None or int(match[2]) < 1:
        raise ModelError(
            f"the data type {name!r} is not an integer type", allowed="UINTn, INTn, BIPOLAR, BINARY, TERNARY"
        )
    bits = int(match[2])
    return unsigned(bits) if match[1] else signed(bits)


def sum_range(weights: Integers, x: IntType) -> tuple[Integers, Integers]:
    """Return the smallest and the largest weighted sum of every column of ``weights`` for inputs of type ``x``."""
    at_low, at_high = weights * x.low, weights * x.high
    return np.minimum(at_low, at_high).sum(axis=0), np.maximum(at_low, at_high).sum(axis=0)
