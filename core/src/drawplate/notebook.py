# SPDX-License-Identifier: Apache-2.0
"""What a step writes down while it runs: curves, tables, figures and notes that survive a kill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from drawplate.metric import Metric
from drawplate.store.records import as_values, read_metric
from drawplate.store.sealed import append_line, read_lines

Curves = Mapping[str, tuple[tuple[float, float], ...]]
Tables = Mapping[str, tuple[Mapping[str, Any], ...]]


@frozen(kw_only=True)
class Pages:
    """What was written down; what a resumed step wrote twice counts once."""

    curves: Curves = field(factory=dict)
    """Series by name: (x, value) pairs, sorted by x."""
    tables: Tables = field(factory=dict)
    """Rows by the table's name, in the order in which their keys appeared first."""
    notes: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    """What was found on the way; of one name the last."""


@frozen
class Notebook:
    """An append-only file in a step's work folder."""

    path: Path

    def track(self, series: str, x: float, value: float) -> None:
        """Record one point of a curve."""
        append_line(self.path, {"series": series, "x": float(x), "value": float(value)})

    def row(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        """Record one row of a table."""
        append_line(self.path, {"table": table, "key": key, "row": dict(row)})

    def note(self, text: str) -> None:
        """Record a remark."""
        append_line(self.path, {"note": text})

    def metric(self, metric: Metric) -> None:
        """Record a figure."""
        append_line(self.path, {"metric": as_values(metric)})

    def read(self) -> Pages:
        """Return all that was written."""
        points: dict[str, dict[float, float]] = {}
        tables: dict[str, dict[str, Mapping[str, Any]]] = {}
        notes: dict[str, None] = {}
        metrics: dict[str, Metric] = {}
        for entry in read_lines(self.path):
            if "note" in entry:
                notes[entry["note"]] = None
            elif "metric" in entry:
                metric = read_metric(entry["metric"])
                metrics[metric.name] = metric
            elif "table" in entry:
                tables.setdefault(entry["table"], {})[entry["key"]] = entry["row"]
            else:
                points.setdefault(entry["series"], {})[float(entry["x"])] = float(entry["value"])
        return Pages(
            curves={name: tuple(sorted(series.items())) for name, series in sorted(points.items())},
            tables={name: tuple(rows.values()) for name, rows in sorted(tables.items())},
            notes=tuple(notes),
            metrics=tuple(metrics.values()),
        )
