# SPDX-License-Identifier: Apache-2.0
"""Small truth tables, without a word on what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from attrs import field, frozen


@frozen(slots=False)
class Table:
    """A function of a few bits: ``values[index]``, where input ``i`` is bit ``i`` of the index.

    Raises:
        ValueError: when there are not ``2**inputs`` values.
    """

    name: str
    inputs: int
    values: tuple[int, ...] = field(converter=tuple[int, ...])

    def __attrs_post_init__(self) -> None:
        if len(self.values) != 1 << self.inputs:
            raise ValueError(f"table {self.name}: {self.inputs} inputs, {len(self.values)} values")

    @cached_property
    def maximum(self) -> int:
        """The largest value."""
        return max(self.values)

    @cached_property
    def width(self) -> int:
        """Output bits."""
        return max(1, self.maximum.bit_length())

    @cached_property
    def columns(self) -> tuple[tuple[int, ...], ...]:
        """Every output bit, the lowest first, for every index."""
        return tuple(tuple((value >> bit) & 1 for value in self.values) for bit in range(self.width))

    @cached_property
    def supports(self) -> tuple[tuple[int, ...], ...]:
        """The inputs that every output bit depends on."""
        return tuple(_support(column, self.inputs) for column in self.columns)


def _support(column: Sequence[int], inputs: int) -> tuple[int, ...]:
    every = range(len(column))
    return tuple(pin for pin in range(inputs) if any(column[at] != column[at ^ (1 << pin)] for at in every))
