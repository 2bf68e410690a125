# SPDX-License-Identifier: Apache-2.0
"""How figures are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve

from drawplate.metric import Metric, Source

MARKS = {source.value: f" {source.mark}".rstrip() for source in Source}
"""What follows a figure that no device or host measured."""


SCALES: Final[Mapping[str, tuple[tuple[str, float], ...]]] = {
    "s": (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)),
    "ms": (("s", 1e3), ("ms", 1.0), ("us", 1e-3), ("ns", 1e-6)),
    "FPS": (("MFPS", 1e6), ("kFPS", 1e3), ("FPS", 1.0)),
    "B": (("MB", 1e6), ("kB", 1e3), ("B", 1.0)),
}
"""Units that are written larger or smaller where that leaves fewer digits; the largest one first."""


def scaled(metric: Metric) -> Metric:
    """Return the metric in the unit in which it is read most easily: 0.0145 ms becomes 14.5 us."""
    unit, one = scale_of(metric.unit, [metric.value])
    return _in(metric, unit, one)


def scale_of(unit: str, values: Iterable[float]) -> tuple[str, float]:
    """Return the unit in which the largest of some values is best read, and what one of it is in ``unit``.

    What is four digits long at most, and 1 or more, stays as it is.
    """
    top = max((abs(value) for value in values if value == value), default=0.0)  # noqa: PLR0124 - leaves out NaN
    if unit not in SCALES or top == 0 or 1 <= top < 1e4:
        return unit, 1.0
    return next(((name, one) for name, one in SCALES[unit] if top >= one), SCALES[unit][-1])


def _in(metric: Metric, unit: str, one: float) -> Metric:
    if one == 1:
        return metric
    error, low = (None if end is None else end / one for end in (metric.error, metric.low))
    return evolve(metric, unit=unit, value=metric.value / one, error=error, low=low)


def format_metric(metric: Metric) -> str:
    """Write value, error bar, unit (the one that reads best) and, unless measured, the source."""
    return _written(scaled(metric))


def format_together(metrics: Iterable[Metric | None]) -> list[str]:
    """Write figures of one column, all of a kind in the same unit; nothing for None."""
    found = list(metrics)
    scales = {}
    for unit in {metric.unit for metric in found if metric}:
        scales[unit] = scale_of(unit, [metric.value for metric in found if metric and metric.unit == unit])
    return [_written(_in(metric, *scales[metric.unit])) if metric else "" for metric in found]


def _written(metric: Metric) -> str:
    unit = f" {metric.unit}" if metric.unit else ""
    return f"{format_bare(metric)}{unit}{MARKS[metric.source]}"


def format_bare(metric: Metric, unit: str = "", one: float = 1.0) -> str:
    """Write value and error bar, where the head of a column has unit and source.

    Args:
        metric: what is written.
        unit: of the column, as :func:`scale_of` found it.
        one: what one of it is in the unit of the metric.
    """
    metric = _in(metric, unit, one)
    return f"{format_figure(metric)}{_bar(metric)}"


def _bar(metric: Metric) -> str:
    """Write half the width of an error bar, or both its ends where they are not equally far from the value."""
    if not metric.error:
        return ""
    if metric.low is None:
        return f" ± {_format_error(metric.error)}"
    return f" ({_format_error(metric.low)} to {_format_error(metric.value + metric.error)})"


def format_figure(metric: Metric) -> str:
    """Write the value alone; whether a model fits is a word."""
    value = metric.value
    return ("yes" if value else "no") if metric.name == "fits" and value in (0, 1) else format_number(value)


def _format_error(value: float) -> str:
    """Write an error bar: whole from 10 on, otherwise with two significant digits."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def format_number(value: float) -> str:
    """Write integers whole with thousands separated, others with four significant digits."""
    if value == int(value) if abs(value) < 1e15 else False:
        return f"{int(value):,}"
    if abs(value) >= 1e5:
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.4g}"
    return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.4g}"


def format_value(value: Any) -> str:
    """Write an option's value as TOML would."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(format_value, value))}]"
    return "" if value is None else str(value)
