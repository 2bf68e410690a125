# SPDX-License-Identifier: Apache-2.0
"""What a library module is: Verilog with parameters, and a count of what it takes.

Synthesis keeps the hierarchy, so a layer takes the sum of what its modules take.  Registers are counted as the Verilog
declares them.  LUTs are counted where the structure is plain (LUT RAM, adders, multiplexers); the rest is a sum of few
terms, whose constants a technology has fitted to synthesised modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources

from attrs import field, frozen

from drawplate_dataflow.hardware.text import Value
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Technology

Parameters = Mapping[str, int]
"""Verilog parameters by name."""
Values = tuple[tuple[str, Value], ...]
"""All parameters, in the order of the instance."""


@frozen
class Counted:
    """What an instance takes, but for the terms that are fitted."""

    luts: float
    ffs: int
    terms: tuple[float, ...] = ()
    """What is multiplied by the fitted constants of the module and added to the counted LUTs."""
    ram: int = 0
    multipliers: int = 0
    chains: float = 0
    """Adders, a carry chain each, that there are more of the more elements come at once."""


@frozen(eq=False)
class LibraryModule:
    """A module of the library."""

    name: str
    count: Callable[[Parameters, Technology], Counted] = field(repr=False)
    uses: tuple[LibraryModule, ...] = ()
    """Modules that its Verilog instantiates, in some technology."""
    verilog: Callable[[], bytes] | None = field(default=None, repr=False)
    """Where its file is not one of ours: what reads it."""

    _prices: dict[tuple[Technology, Values], Resources] = field(factory=dict, repr=False)

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.v"

    def source(self, technology: Technology) -> bytes:
        """Return its Verilog: a technology's own, or what any synthesiser maps."""
        own = technology.files.get(self.file)
        if own is not None:
            return own
        return self.verilog() if self.verilog is not None else plain(self.file)

    def price(self, values: Values, technology: Technology) -> Resources:
        """Return what it takes with such parameters; every answer is kept."""
        key = (technology, values)
        found = self._prices.get(key)
        if found is None:
            counted = self.count({name: value for name, value in values if isinstance(value, int)}, technology)
            constants = technology.constants.get(self.name)
            pairs = zip(constants, counted.terms, strict=True) if constants else ()
            fitted = sum(constant * term for constant, term in pairs)
            found = self._prices[key] = Resources(
                lut=counted.luts + fitted,
                ff=counted.ffs,
                ram=counted.ram,
                multiplier=counted.multipliers,
                chains=counted.chains,
            )
        return found

    def __call__(self, **parameters: Value) -> LibraryCell:
        """Set the parameters."""
        return LibraryCell(self, tuple(parameters.items()))


def plain(file: str) -> bytes:
    """Read a file of the Verilog library."""
    return (resources.files("drawplate_dataflow.hardware") / "verilog" / file).read_bytes()


@frozen
class LibraryCell:
    """A library module with its parameters."""

    module: LibraryModule
    values: Values

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Verilog parameters."""
        return dict(self.values)

    @property
    def library(self) -> tuple[LibraryModule, ...]:
        """The module, and those that it uses."""
        return (*self.module.uses, self.module)

    @property
    def definition(self) -> None:
        """It has no files of its own."""
        return

    def name(self, _prefix: str) -> str:
        """Return the module's name."""
        return self.module.name

    def price(self, technology: Technology) -> Resources:
        """Return what it takes: counted, and by the technology's constants."""
        return self.module.price(self.values, technology)


def counter(largest: int) -> int:
    """Bits of a register that counts from 0 to ``largest``."""
    return largest.bit_length()
