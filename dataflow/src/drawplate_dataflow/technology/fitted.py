# SPDX-License-Identifier: Apache-2.0
"""A family whose Verilog and fitted constants lie in files beside it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from typing import Any, Final

from drawplate_dataflow.technology.generic import Generic
from drawplate_dataflow.technology.protocol import ErrorBars

CONSTANTS: Final = "constants.json"


class Fitted(Generic, ABC):
    """``verilog/`` and ``constants.json`` of a package; a family says which package, and which files."""

    own: tuple[str, ...] = ()
    """Files that take the place of library modules."""
    cells: tuple[str, ...] = ()
    """Files with the behaviour of the family's cells."""
    judged: str
    """Entry of the constants with the errors on what nothing was fitted to by least squares."""

    @property
    @abstractmethod
    def package(self) -> str:
        """The package that holds the files."""

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Verilog that takes the place of library modules."""
        return {name: self._read(f"verilog/{name}") for name in self.own}

    @cached_property
    def models(self) -> Mapping[str, bytes]:
        """Behaviour of the cells that are instantiated."""
        return {name: self._read(f"verilog/{name}") for name in self.cells}

    @cached_property
    def constants(self) -> Mapping[str, tuple[float, ...]]:
        """Those that are committed with the tables they were fitted to."""
        return {module: tuple(values) for module, values in self._record["lut"].items()}

    @cached_property
    def errors(self) -> ErrorBars:
        """The largest relative errors that are committed with the constants."""
        found = self._record[self.judged]
        return ErrorBars(lut=found["lut_worst"], ff=found["ff_worst"])

    @cached_property
    def _record(self) -> Mapping[str, Any]:
        record: Mapping[str, Any] = json.loads(self._read(CONSTANTS))
        return record

    def _read(self, name: str) -> bytes:
        return (resources.files(self.package) / name).read_bytes()
