# SPDX-License-Identifier: Apache-2.0
"""What is inside a module: nets, assignments, registers and instances, written and priced.

Names of a module's own parts are relative to its name, which is given when it is written.  What is costly (contents of
ROMs, netlists as text) is formed only then, and equal units that stand side by side are one item with a count, so that
a module is put together and priced in a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

from attrs import field, frozen

from drawplate_dataflow.hardware.library.module import LibraryModule
from drawplate_dataflow.hardware.text import Value, instance, wire
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Rom, Technology


class Definition(Protocol):
    """Files that belong to one module: a ROM, a processing element, a module of its own."""

    def files(self, prefix: str, technology: Technology) -> Mapping[str, bytes]:
        """Write them."""

    def contents(self, prefix: str) -> Rom | None:
        """Return the memory, where they hold nothing but its contents."""


class Cell(Protocol):
    """What can be instantiated."""

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Verilog parameters."""

    @property
    def library(self) -> tuple[LibraryModule, ...]:
        """Library modules that it is, or is made of."""

    @property
    def definition(self) -> Definition | None:
        """The files that it needs beside the library's."""

    def name(self, prefix: str) -> str:
        """Return the name of its Verilog module."""

    def price(self, technology: Technology) -> Resources:
        """Return what one takes."""


# statements ---------------------------------------------------------------------------------------------------------


@frozen
class Note:
    """A comment."""

    words: str

    def text(self, _prefix: str) -> str:
        """Write it."""
        return f"  // {self.words}\n"


@frozen
class Wires:
    """Nets of one width; those without a width are scalars."""

    width: int | None
    names: tuple[str, ...]

    def text(self, _prefix: str) -> str:
        """Declare them."""
        return wire(self.width, *self.names)


@frozen
class Assign:
    """Continuous assignments."""

    values: Mapping[str, str]

    def text(self, _prefix: str) -> str:
        """Write them."""
        return f"  assign {', '.join(f'{target} = {value}' for target, value in self.values.items())};\n"


@frozen
class Register:
    """A register that always follows its input."""

    name: str
    width: int
    value: str

    def text(self, _prefix: str) -> str:
        """Write it."""
        return f"  reg [{self.width - 1}:0] {self.name}; always @(posedge clk) {self.name} <= {self.value};\n"


@frozen
class Instance:
    """A cell and what its ports are connected to."""

    cell: Cell
    name: str
    connections: Mapping[str, str] = field(repr=False)

    def text(self, prefix: str) -> str:
        """Write it."""
        return instance(self.cell.name(prefix), self.name, self.cell.parameters, self.connections)


@frozen
class Repeated:
    """Items as often as needed, alike but for names and contents."""

    count: int
    items: Callable[[int], Items]
    priced: Callable[[Technology], Resources] | None = field(default=None, repr=False)
    """What one of them takes, where that is remembered."""

    def price(self, technology: Technology) -> Resources:
        """Return what one of them takes."""
        return price(self.items(0), technology) if self.priced is None else self.priced(technology)

    def text(self, prefix: str) -> str:
        """Write them all."""
        return "".join(item.text(prefix) for at in range(self.count) for item in self.items(at))


@frozen(eq=False)
class Section:
    """Items that occur in more than one module; they are made when they are asked for, and priced once."""

    items: Callable[[], Items]
    prices: dict[Technology, Resources] = field(factory=dict, repr=False)

    def text(self, prefix: str) -> str:
        """Write them."""
        return "".join(item.text(prefix) for item in self.items())

    def price(self, technology: Technology) -> Resources:
        """Return what they take."""
        if technology not in self.prices:
            self.prices[technology] = price(self.items(), technology)
        return self.prices[technology]


@frozen
class Simulated:
    """Items that are there where a macro is defined, for simulation only."""

    macro: str
    items: tuple[Item, ...]

    def text(self, prefix: str) -> str:
        """Write them."""
        return f"`ifdef {self.macro}\n{''.join(item.text(prefix) for item in self.items)}`endif\n"


Item: TypeAlias = Note | Wires | Assign | Register | Instance | Repeated | Section | Simulated
Items: TypeAlias = Iterable[Item]


def price(items: Items, technology: Technology) -> Resources:
    """Return what items take."""
    lut: float = 0
    ff: float = 0
    ram: float = 0
    multiplier: float = 0
    chains: float = 0
    for item in items:
        kind, times = type(item), 1
        if kind is Wires or kind is Assign:
            continue
        if isinstance(item, Instance):
            found = item.cell.price(technology)
        elif isinstance(item, Section):
            found = item.price(technology)
        elif isinstance(item, Repeated):
            if not item.count:
                continue
            found, times = item.price(technology), item.count
        elif isinstance(item, Register):
            ff += item.width
            continue
        else:
            continue
        lut += times * found.lut
        ff += times * found.ff
        ram += times * found.ram
        multiplier += times * found.multiplier
        chains += times * found.chains
    return Resources(lut=lut, ff=ff, ram=ram, multiplier=multiplier, chains=chains)


def instances(items: Items) -> Iterator[Instance]:
    """Yield all instances, repeated ones each, those for simulation only excepted."""
    for item in items:
        if isinstance(item, Instance):
            yield item
        elif isinstance(item, Section):
            yield from instances(item.items())
        elif isinstance(item, Repeated):
            for at in range(item.count):
                yield from instances(item.items(at))


def stream_wires(prefix: str, width: int) -> tuple[Wires, Wires]:
    """Declare the nets of a stream."""
    return Wires(width, (f"{prefix}_data",)), Wires(None, (f"{prefix}_valid", f"{prefix}_ready"))
