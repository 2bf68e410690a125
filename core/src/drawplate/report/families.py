# SPDX-License-Identifier: Apache-2.0
"""The curves of a sweep's cells, gathered by the first option that was varied (the paper's Fig. 3)."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from drawplate.report.record import Sweep
from drawplate.report.sweeps import hashable

SPLITS = ("test_", "val_")
"""Of the curves that a step recorded the first that begins like this is drawn."""
MOST = 8
"""More lines than this cannot be told apart."""


@frozen(kw_only=True)
class Spot:
    """One epoch of one line."""

    epoch: float
    mean: float
    spread: float
    """Standard deviation over the cells; 0 for one."""


@frozen(kw_only=True)
class Family:
    """Lines over epochs: one per value of an option, each the mean of all cells that have this value."""

    step: str
    curve: str
    option: str
    lines: Mapping[Any, tuple[Spot, ...]]
    """By value of the option."""
    cells: int
    """Of which a line is the mean, at most."""


def families(record: Sweep) -> Iterator[Family]:
    """Yield the accuracies over epochs that the cells of a sweep recorded, step by step."""
    axes = [number for number, axis in enumerate(record.axes) if axis.target != "seed"]
    cells = [cell for cell in record.cells if not cell.error]
    if not axes or not 2 <= len({str(cell.values[axes[0]]) for cell in cells}) <= MOST:
        return
    for step in dict.fromkeys(step for cell in cells for step in cell.curves):
        found = {name for cell in cells for name in cell.curves.get(step, {})}
        curve = next((name for split in SPLITS for name in sorted(found) if name.startswith(split)), None)
        if curve:
            family = _family(record, axes[0], step, curve)
            if any(len(line) > 1 for line in family.lines.values()):
                yield family


def _family(record: Sweep, axis: int, step: str, curve: str) -> Family:
    gathered: dict[Any, dict[float, list[float]]] = {}
    for cell in record.cells:
        points = cell.curves.get(step, {}).get(curve, ())
        for epoch, value in points:
            gathered.setdefault(hashable(cell.values[axis]), {}).setdefault(epoch, []).append(value)
    lines = {
        value: tuple(
            Spot(epoch=epoch, mean=statistics.fmean(found), spread=statistics.stdev(found) if len(found) > 1 else 0.0)
            for epoch, found in sorted(line.items())
        )
        for value, line in gathered.items()
    }
    most = max((len(found) for line in gathered.values() for found in line.values()), default=0)
    return Family(step=step, curve=curve, option=record.axes[axis].target, lines=lines, cells=most)


def as_errors(family: Family) -> Family:
    """Return the family of errors, in percent, of a family of accuracies."""
    lines = {value: tuple(evolve(spot, mean=100 - spot.mean) for spot in line) for value, line in family.lines.items()}
    return evolve(family, curve=family.curve.replace("top1", "error"), lines=lines)
