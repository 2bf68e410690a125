# SPDX-License-Identifier: Apache-2.0
"""A sweep as one row per setting, its seeds gathered: mean and spread of every figure, and which settings are best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from drawplate.errors import FlowError, nearest
from drawplate.metric import Direction, Metric
from drawplate.report.figures import MARKS, format_number, format_value, scale_of
from drawplate.report.grids import Grid
from drawplate.report.record import Sweep
from drawplate.report.summary import HEADLINES, VALIDATED
from drawplate.report.sweeps import Point, points

TIDY: Final = ("step", "metric", "mean", "spread", "runs", "unit", "source", "split", "direction")
"""Columns of a figure's row, after those of what was varied."""
SHOWN: Final = 20
"""Settings that a terminal is shown; of more, the best of each figure."""


@frozen(kw_only=True)
class Best:
    """The best setting by one metric."""

    metric: str
    point: Point


def names_of(found: Sequence[Point], wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the full names of metrics: those that are wanted, or what a reader looks for first.

    Args:
        found: the settings.
        wanted: ``metric`` or ``step.metric``; of a metric that several steps found the last step's is taken.

    Raises:
        FlowError: when one was not found.
    """
    known = tuple(dict.fromkeys(name for point in found for name in point.metrics))
    if not wanted:
        first = [name for word in (*HEADLINES, *VALIDATED) for name in known if _word(name) == word]
        judged = any(_word(name) in HEADLINES for name in first)
        return tuple(name for name in first if not (judged and _word(name) in VALIDATED)) or known
    chosen = []
    for word in wanted:
        matches = [name for name in known if word in (name, _word(name))]
        if not matches:
            words = sorted({*known, *map(_word, known)})
            raise FlowError(
                f"there is no metric {word!r}", where="--metrics", allowed=words, meant=nearest(word, words)
            )
        chosen.append(matches[-1])
    return tuple(chosen)


def _word(name: str) -> str:
    return name.rpartition(".")[2]


def tidy(record: Sweep, wanted: Sequence[str] = ()) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return columns and one row per setting and metric, numbers as they are: for scripts.

    The spread is the standard deviation over seeds (n - 1); empty for one run.
    """
    found = points(record)
    names = names_of(found, wanted) if wanted else tuple(dict.fromkeys(name for p in found for name in p.metrics))
    targets = tuple(axis.target for axis in record.axes if axis.target != "seed")
    rows = [
        (*point.values.values(), *_figure(name, point.metrics[name]))
        for point in found
        for name in names
        if name in point.metrics
    ]
    return (*targets, *TIDY), rows


def _figure(name: str, metrics: Sequence[Metric]) -> tuple[Any, ...]:
    step, _, word = name.rpartition(".")
    point = Point(values={}, metrics={name: tuple(metrics)})
    spread = point.spread(name) if len(metrics) > 1 else ""
    first = metrics[0]
    return (
        step, word, point.mean(name), spread, len(metrics),
        first.unit, first.source.value, first.split, first.direction or "",
    )  # fmt: skip


def summary_grid(record: Sweep, wanted: Sequence[str] = (), *, shown: int | None = None) -> Grid:
    """Return one row per setting with ``mean ± spread``: for readers.

    Args:
        record: the sweep.
        wanted: metrics; what a reader looks for first where left out.
        shown: at most so many settings, the best ones of each metric; all where left out.
    """
    found = points(record)
    names = names_of(found, wanted)
    targets = [axis.target for axis in record.axes if axis.target != "seed"]
    ones = {name: column_unit(found, name)[1] for name in names}
    kept = found if shown is None or len(found) <= shown else _leading(found, names, shown)
    rows = tuple(
        (*(format_value(value) for value in point.values.values()), *(figure(point, n, ones[n]) for n in names))
        for point in kept
    )
    return Grid((*targets, *(head(found, name) for name in names)), rows)


def seeds_of(record: Sweep) -> int:
    """Return how many runs a setting has: more than one where seeds were varied."""
    found = points(record)
    return max((len(metrics) for point in found for metrics in point.metrics.values()), default=1)


def column_unit(found: Sequence[Point], name: str) -> tuple[str, float]:
    """Return the unit that a metric's column is best read in, and what one of it is in the metric's own."""
    metrics = [metric for point in found for metric in point.metrics.get(name, ())]
    return scale_of(metrics[0].unit, [metric.value for metric in metrics])


def head(found: Sequence[Point], name: str) -> str:
    """Write the head of a metric's column: name, unit, source unless measured."""
    first = next(point.metrics[name][0] for point in found if name in point.metrics)
    scale, _ = column_unit(found, name)
    unit = "" if scale.lower() == _word(name) else scale
    words = " ".join(filter(None, (unit, MARKS[first.source].strip())))
    return f"{name} ({words})" if words else name


def figure(point: Point, name: str, one: float = 1.0) -> str:
    """Write mean and spread.

    Args:
        point: the setting.
        name: the metric.
        one: what one unit of the column is in that of the metric, as :func:`column_unit` has it.
    """
    mean = point.mean(name)
    if mean is None:
        return ""
    if _word(name) == "fits":
        return "yes" if mean == 1 else "no" if mean == 0 else f"{mean:.0%}"
    spread = point.spread(name)
    return f"{format_number(mean / one)} ± {spread / one:.2g}" if spread else format_number(mean / one)


def varying(found: Sequence[Point], names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell metrics that the settings change from those that are the same everywhere."""
    same = tuple(name for name in names if len({point.mean(name) for point in found}) == 1)
    return tuple(name for name in names if name not in same), same


def best(record: Sweep, wanted: Sequence[str] = ()) -> Iterator[Best]:
    """Yield the best setting by each metric of which it is known which values are better, and that varies."""
    found = points(record)
    for name in names_of(found, wanted):
        ranked = _ranked(found, name)
        if len(ranked) > 1 and ranked[0].mean(name) != ranked[-1].mean(name):
            yield Best(metric=name, point=ranked[0])


def _ranked(found: Sequence[Point], name: str) -> list[Point]:
    """Return the settings that have a metric, the best first; none where nobody said which values are better."""
    having = [point for point in found if name in point.metrics]
    direction = having[0].metrics[name][0].direction if having else None
    if direction is None:
        return []
    return sorted(having, key=lambda point: point.mean(name) or 0.0, reverse=direction is Direction.HIGHER)


def _leading(found: Sequence[Point], names: Sequence[str], shown: int) -> list[Point]:
    """Take turns: the best by each metric, then the second best, until there are enough; in the grid's order."""
    rankings = [ranking for name in names if (ranking := _ranked(found, name))] or [list(found)]
    taken: dict[int, None] = {}
    places = {id(point): number for number, point in enumerate(found)}
    for place in range(len(found)):
        for ranking in rankings:
            if place < len(ranking) and len(taken) < shown:
                taken[places[id(ranking[place])]] = None
    return [found[number] for number in sorted(taken)]
