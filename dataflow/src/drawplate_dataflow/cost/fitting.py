# SPDX-License-Identifier: Apache-2.0
"""Fitting a technology's constants to synthesised library modules, and telling how far estimates are off.

A family's plugin synthesises; what it found is a table, a row per instance.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

from drawplate_dataflow.hardware.library import FITTED
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class ModuleRow:
    """A synthesised instance of a library module."""

    module: str
    parameters: str
    """``NAME=NUMBER NAME=NUMBER``."""
    resources: Resources

    @property
    def values(self) -> Mapping[str, int]:
        """The parameters."""
        return {name: int(value) for name, value in (pair.split("=") for pair in self.parameters.split())}


def read_rows(path: Path, columns: Sequence[str] = NAMES) -> list[ModuleRow]:
    """Read a table: module, parameters, and what it takes, in ``columns``; one that is missing is nothing."""
    named = tuple(zip(NAMES, columns, strict=True))
    with path.open(encoding="utf-8", newline="") as file:
        return [
            ModuleRow(
                module=row["module"],
                parameters=row["parameters"],
                resources=Resources(**{name: float(row.get(column) or 0) for name, column in named}),
            )
            for row in csv.DictReader(file)
        ]


def write_rows(path: Path, rows: Iterable[ModuleRow], columns: Sequence[str] = NAMES) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("module", "parameters", *columns))
        for row in rows:
            writer.writerow([row.module, row.parameters, *map(int, row.resources.vector)])


def fit(rows: Sequence[ModuleRow], technology: Technology) -> dict[str, tuple[float, ...]]:
    """Return the constants of every module of a table, by least squares over what is not counted.

    Args:
        rows: synthesised instances.
        technology: family that counts; its own constants are not looked at.
    """
    known = {row.module for row in rows}
    return {name: _fit([row for row in rows if row.module == name], technology) for name in FITTED if name in known}


def _fit(rows: Sequence[ModuleRow], technology: Technology) -> tuple[float, ...]:
    parts = [FITTED[row.module].count(row.values, technology) for row in rows]
    terms = np.array([found.terms for found in parts])
    rest = np.array([row.resources.lut - found.luts for row, found in zip(rows, parts, strict=True)])
    return tuple(round(float(value), 3) + 0.0 for value in np.linalg.lstsq(terms, rest, rcond=None)[0])


def errors(pairs: Sequence[tuple[Resources, Resources]]) -> dict[str, float]:
    """Return how far estimates are off, relative to what is true: median and worst of LUTs and flip-flops.

    Args:
        pairs: (estimated, true), none of which constants were fitted to.
    """
    found: dict[str, float] = {}
    for name in NAMES[:2]:
        off = [abs(getattr(estimate, name) / getattr(true, name) - 1) for estimate, true in pairs]
        found |= {f"{name}_median": round(float(np.median(off)), 4), f"{name}_worst": round(max(off), 4)}
    return found
