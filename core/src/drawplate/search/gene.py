# SPDX-License-Identifier: Apache-2.0
"""Genes: what may vary, and over which legal values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import field, frozen

from drawplate.errors import FlowError, nearest

Genome = Mapping[str, Any]
"""A JSON value per gene: what a person reads, and what is kept."""


class Gene(Protocol):
    """A finite row of legal values; searches work on their indices, so that all are equally likely."""

    @property
    def ordered(self) -> bool:
        """Whether neighbouring values are alike."""

    @property
    def size(self) -> int:
        """How many values there are."""

    def value(self, index: int) -> Any:
        """Return the value at an index, 0 to ``size - 1``."""

    def index(self, value: Any) -> int:
        """Return the index of a value, or of the legal one that is nearest to it."""


@frozen
class Integer:
    """Whole numbers from ``lo`` to at most ``hi``, ``step`` apart."""

    lo: int
    hi: int
    step: int = 1

    def __attrs_post_init__(self) -> None:
        if self.step < 1 or self.hi < self.lo:
            msg = f"lo = {self.lo}, hi = {self.hi}, step = {self.step} holds no number"
            raise ValueError(msg)

    @property
    def ordered(self) -> bool:
        """Neighbouring numbers are alike."""
        return True

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return (self.hi - self.lo) // self.step + 1

    def value(self, index: int) -> int:
        """Return the number at an index."""
        return self.lo + index * self.step

    def index(self, value: Any) -> int:
        """Return the index of the nearest number; of the first for what is no number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return 0
        return min(max(round((value - self.lo) / self.step), 0), self.size - 1)


def _values(values: Any) -> tuple[Any, ...]:
    return tuple(values)


@frozen
class Choice:
    """Listed values."""

    values: tuple[Any, ...] = field(converter=_values)
    ordered: bool = False
    """Whether neighbouring values are alike, e.g. temperatures."""

    def __attrs_post_init__(self) -> None:
        if not self.values:
            raise ValueError("has no values")

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.values)

    def value(self, index: int) -> Any:
        """Return the value at an index."""
        return self.values[index]

    def index(self, value: Any) -> int:
        """Return the index of a value; of the nearest number, or of the first, for one that is not listed."""
        if value in self.values:
            return self.values.index(value)
        if _is_number(value) and all(map(_is_number, self.values)):
            return min(range(self.size), key=lambda i: abs(self.values[i] - value))
        return 0


def read_gene(said: Any, where: str) -> Gene:
    """Read a gene as a flow says it: ``{lo, hi, step}``, a list of values, or one value that it is fixed to.

    A list of rising numbers is ordered.

    Raises:
        FlowError: when it holds no value, or has unknown keys.
    """
    if isinstance(said, Mapping):
        return _read_range(said, where)
    values = said if isinstance(said, list | tuple) else [said]
    if not values or len({repr(value) for value in values}) < len(values):
        raise FlowError(f"is {said!r}", where=where, allowed="values that differ, at least one")
    ordered = all(map(_is_number, values)) and list(values) == sorted(values)
    return Choice(tuple(values), ordered)


def _read_range(said: Mapping[str, Any], where: str) -> Integer:
    allowed = ("lo", "hi", "step")
    for key, number in said.items():
        if key not in allowed:
            raise FlowError(f"unknown key {key!r}", where=where, allowed=allowed, meant=nearest(key, allowed))
        if isinstance(number, bool) or not isinstance(number, int):
            raise FlowError(f"is {number!r}", where=f"{where}, key {key!r}", allowed="an integer")
    try:
        return Integer(**said)
    except (TypeError, ValueError) as error:
        raise FlowError(f"is {dict(said)!r}", where=where, allowed="{lo, hi, step} with lo <= hi, step >= 1") from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
