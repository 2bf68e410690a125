# SPDX-License-Identifier: Apache-2.0
"""A sweep's record, read for drawing: planes over two options, points of single networks."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from drawplate.metric import Metric
from drawplate.report.record import Sweep

LETTERS = {"weight_bits": "W", "act_bits": "A"}
"""As the field writes precisions: W3A4."""


@frozen(kw_only=True)
class Point:
    """One setting of a sweep; seeds are repeats of it."""

    values: Mapping[str, Any]
    """By the option's name, without the seed."""
    metrics: Mapping[str, tuple[Metric, ...]]
    """By ``step.name``: the metric of every seed."""

    def mean(self, metric: str) -> float | None:
        """Return the mean over seeds; None where it was not found."""
        found = self.metrics.get(metric)
        return statistics.fmean(entry.value for entry in found) if found else None

    def spread(self, metric: str) -> float:
        """Return the standard deviation over seeds; 0 for one."""
        found = [entry.value for entry in self.metrics.get(metric, ())]
        return statistics.stdev(found) if len(found) > 1 else 0.0

    @property
    def label(self) -> str:
        """As a legend names it: W3 A4, or option = value."""
        words = [short_setting(name, value) for name, value in self.values.items()]
        return ("" if all(len(word) < 4 for word in words) else " ").join(words)


@frozen(kw_only=True)
class Plane:
    """One metric over two options."""

    metric: str
    unit: str
    source: str
    row_name: str
    column_name: str
    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    values: tuple[tuple[float | None, ...], ...]
    """By row and column; None for a cell that failed."""
    spreads: tuple[tuple[float, ...], ...]
    """Standard deviation over seeds."""
    repeats: int

    def in_unit(self, unit: str, one: float) -> Plane:
        """Return it in another unit, one of which is so many of the present one."""
        return evolve(
            self,
            unit=unit,
            values=tuple(tuple(None if value is None else value / one for value in row) for row in self.values),
            spreads=tuple(tuple(spread / one for spread in row) for row in self.spreads),
        )

    @property
    def found(self) -> list[float]:
        """Return the values that there are."""
        return [value for row in self.values for value in row if value is not None]


def points(record: Sweep) -> tuple[Point, ...]:
    """Return the settings of a sweep in order, seeds gathered; cells that failed are left out."""
    names = [axis.target for axis in record.axes]
    gathered: dict[tuple[Any, ...], dict[str, list[Metric]]] = {}
    for cell in record.cells:
        if cell.error:
            continue
        key = tuple(hashable(value) for name, value in zip(names, cell.values, strict=True) if name != "seed")
        metrics = gathered.setdefault(key, {})
        for step, found in cell.metrics.items():
            for metric in found:
                metrics.setdefault(f"{step}.{metric.name}", []).append(metric)
    kept = [name for name in names if name != "seed"]
    return tuple(
        Point(
            values=dict(zip(kept, key, strict=True)),
            metrics={name: tuple(found) for name, found in metrics.items()},
        )
        for key, metrics in gathered.items()
    )


def planes(record: Sweep) -> Iterator[Plane]:
    """Yield every metric that varies over the two options of a sweep."""
    axes = [axis for axis in record.axes if axis.target != "seed"]
    found = points(record)
    if len(axes) != 2 or not found:
        return
    by_values = {tuple(map(hashable, point.values.values())): point for point in found}
    rows, columns = (axis.values for axis in axes)
    for name in dict.fromkeys(name for point in found for name in point.metrics):
        cells = [[by_values.get((hashable(row), hashable(column))) for column in columns] for row in rows]
        values = tuple(tuple(cell.mean(name) if cell else None for cell in row) for row in cells)
        if len({value for row in values for value in row if value is not None}) < 2:
            continue
        sample = next(point.metrics[name][0] for point in found if name in point.metrics)
        yield Plane(
            metric=name,
            unit=sample.unit,
            source=sample.source,
            row_name=axes[0].target,
            column_name=axes[1].target,
            rows=rows,
            columns=columns,
            values=values,
            spreads=tuple(tuple(cell.spread(name) if cell else 0.0 for cell in row) for row in cells),
            repeats=max(len(point.metrics.get(name, ())) for point in found),
        )


def hashable(value: Any) -> Any:
    """Return a value of an option as the key of a dictionary: lists are tuples."""
    return tuple(map(hashable, value)) if isinstance(value, list | tuple) else value


def named(found: Sequence[Point], metric: str) -> str | None:
    """Return the full name of a metric given without its step: the last step's that has it."""
    names = [name for point in found for name in point.metrics if name.rpartition(".")[2] == metric]
    return names[-1] if names else None


def short_setting(name: str, value: Any) -> str:
    """Write one setting as a legend does: W3, or option = value."""
    options = [part.rpartition(".")[2] for part in name.split("+")]
    if all(option in LETTERS for option in options):
        return "".join(f"{LETTERS[option]}{value}" for option in options)
    return f"{' = '.join(options)} = {value}"


def baseline_of(found: Sequence[Point], metric: str) -> tuple[float, float] | None:
    """Return mean and spread of a metric of the same name, unit and source that the options do not change."""
    step, _, name = metric.rpartition(".")
    kind = _kind(found, metric)
    for other in dict.fromkeys(full for point in found for full in point.metrics):
        if other == metric or other.rpartition(".")[2] != name or other.rpartition(".")[0] == step:
            continue
        if _kind(found, other) != kind:
            continue
        means = {point.mean(other) for point in found}
        if len(means) == 1 and None not in means:
            return found[0].mean(other) or 0.0, found[0].spread(other)
    return None


def _kind(found: Sequence[Point], metric: str) -> set[tuple[str, str]]:
    return {(entry.unit, entry.source) for point in found for entry in point.metrics.get(metric, ())}
