# SPDX-License-Identifier: Apache-2.0
"""How figures are written."""

from __future__ import annotations

from typing import Any

from drawplate.metric import Metric

MARKS = {"measured": "", "simulated": " sim", "placed": " pnr", "synthesised": " syn", "estimated": " est"}
"""What follows a figure that no device or host measured."""


def format_metric(metric: Metric) -> str:
    """Write value, error bar, unit and, unless measured, the source."""
    unit = f" {metric.unit}" if metric.unit else ""
    return f"{format_bare(metric)}{unit}{MARKS[metric.source]}"


def format_bare(metric: Metric) -> str:
    """Write value and error bar, where the head of a column has unit and source."""
    bar = f" ± {_format_error(metric.error)}" if metric.error else ""
    return f"{format_figure(metric)}{bar}"


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
    return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.4g}"


def format_value(value: Any) -> str:
    """Write an option's value as TOML would."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(format_value, value))}]"
    return "" if value is None else str(value)
