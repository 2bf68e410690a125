# SPDX-License-Identifier: Apache-2.0
"""Tables of results: CSV files in ``results/`` of which one row can be measured again."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def read(name: str) -> list[dict[str, str]]:
    """Read a table; empty where there is none yet."""
    path = RESULTS / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def record(name: str, key: Sequence[str], row: Mapping[str, Any]) -> None:
    """Put a row into a table, in place of the row whose ``key`` columns are equal."""
    written = {column: str(value) for column, value in row.items()}
    rows = read(name)
    same = [number for number, old in enumerate(rows) if all(old[column] == written[column] for column in key)]
    if same:
        rows[same[0]] = written
    else:
        rows.append(written)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(written), lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
