# SPDX-License-Identifier: Apache-2.0
"""Modules as data: ports and items, from which Verilog, resources and the digest of a shape all come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from drawplate_dataflow.hardware.items import Definition, Item, instances, price
from drawplate_dataflow.hardware.library.module import LibraryModule
from drawplate_dataflow.hardware.text import FOOTER, HEADER, Value
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Technology


@frozen
class Pin:
    """A port of a module; without a width a scalar."""

    direction: str
    """``input`` or ``output``."""
    name: str
    width: int | None = None

    @property
    def text(self) -> str:
        """Its declaration."""
        size = "" if self.width is None else f"[{self.width - 1}:0] "
        return f"{self.direction} wire {size}{self.name}"


CLOCKED: Final = (Pin("input", "clk"), Pin("input", "rst"))


def stream_pins(prefix: str, width: int, *, leaves: bool = False) -> tuple[Pin, Pin, Pin]:
    """Return the ports of a stream that comes in, or leaves."""
    forth, back = ("output", "input") if leaves else ("input", "output")
    return Pin(forth, f"{prefix}_data", width), Pin(forth, f"{prefix}_valid"), Pin(back, f"{prefix}_ready")


@frozen(eq=False)
class Module:
    """A module of its own: ports and what is inside."""

    pins: tuple[Pin, ...]
    items: tuple[Item, ...] = field(repr=False)

    def text(self, name: str) -> str:
        """Write the module."""
        ports = ",\n    ".join(pin.text for pin in self.pins)
        body = "".join(item.text(name) for item in self.items)
        return f"{HEADER}module {name} (\n    {ports}\n);\n{body}endmodule\n{FOOTER}"

    def price(self, technology: Technology) -> Resources:
        """Return what it takes."""
        return price(self.items, technology)

    def definitions(self) -> tuple[Definition, ...]:
        """Return what else has files, each once."""
        found = (instance.cell.definition for instance in instances(self.items))
        return tuple({id(made): made for made in found if made is not None}.values())

    def library(self) -> tuple[LibraryModule, ...]:
        """Return the library modules that it is made of, each once."""
        used = (module for instance in instances(self.items) for module in instance.cell.library)
        return tuple(dict.fromkeys(used))


@frozen(eq=False)
class ModuleCell:
    """A module of its own, to be instantiated under its name in another."""

    module: Module
    module_name: str

    @property
    def parameters(self) -> Mapping[str, Value]:
        """It has none."""
        return {}

    @property
    def library(self) -> tuple[LibraryModule, ...]:
        """What it is made of."""
        return self.module.library()

    @property
    def definition(self) -> None:
        """Its files are written for it."""
        return

    def name(self, _prefix: str) -> str:
        """Return its name."""
        return self.module_name

    def price(self, technology: Technology) -> Resources:
        """Return what it takes."""
        return self.module.price(technology)
