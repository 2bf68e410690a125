# SPDX-License-Identifier: Apache-2.0
"""How figures are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate.metric import Metric

MARKS = {"measured": "", "simulated": " sim", "synthesised": " syn", "estimated": " est"}
"""What follows a figure that no device or host measured."""


def format_metric(metric: Metric | Mapping[str, Any]) -> str:
    """Write value, error bar, unit and, unless measured, the source."""
    if isinstance(metric, Metric):
        from drawplate.store.records import metric_record

        metric = metric_record(metric)
    bar = f" ± {format_number(metric['error'])}" if metric.get("error") else ""
    unit = f" {metric['unit']}" if metric["unit"] else ""
    return f"{format_number(metric['value'])}{bar}{unit}{MARKS[metric['source']]}"


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
