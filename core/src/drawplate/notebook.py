# SPDX-License-Identifier: Apache-2.0
"""What a step writes down while it runs: curves and notes that survive a kill."""

from __future__ import annotations

import json
from pathlib import Path

from attrs import frozen

Curves = dict[str, tuple[tuple[float, float], ...]]


@frozen
class Notebook:
    """An append-only file in a step's work folder, one JSON value per line."""

    path: Path

    def track(self, series: str, x: float, value: float) -> None:
        """Record one point of a curve."""
        self._append({"series": series, "x": float(x), "value": float(value)})

    def note(self, text: str) -> None:
        """Record a remark."""
        self._append({"note": text})

    def _append(self, line: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def read(self) -> tuple[Curves, tuple[str, ...]]:
        """Return curves, sorted by x, and notes; what was written twice by a resumed step counts once."""
        points: dict[str, dict[float, float]] = {}
        notes: dict[str, None] = {}
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else ():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:  # the last line of a killed run
                continue
            if "note" in entry:
                notes[entry["note"]] = None
            else:
                points.setdefault(entry["series"], {})[entry["x"]] = entry["value"]
        curves = {name: tuple(sorted(series.items())) for name, series in sorted(points.items())}
        return curves, tuple(notes)
