# SPDX-License-Identifier: Apache-2.0
"""Results that the page is made of: out of stores, or those that are kept with the source."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drawplate.report.read import read_run, run_folders, with_runs
from drawplate.store import Store
from paper_sections import epochs, speeds, students
from paper_sections.section import RESULTS, Record, sweep_of

KEPT = RESULTS / "paper"
"""One record per flow, as stores have them, without what the page does not show."""
SWEEPS = (epochs.FLOW, speeds.FLOW, students.SWEEP)
METRICS = ("top1", "error", "cycles", "fps", "latency_ms", "lut", "ff", "bram18", "dsp", "fits", "macs", "params")


def from_stores(stores: Sequence[Path]) -> list[Record]:
    """Read what the page shows out of stores: of each flow the largest sweep, or the largest search."""
    records = [read_run(folder) for store in stores for folder in run_folders(Store(store))]
    found = []
    for stem in SWEEPS:
        try:
            found.append(with_runs(sweep_of(records, stem)))
        except LookupError:
            continue
    searches: dict[str, Record] = {}
    for record in map(_slim, filter(_is_search, records)):
        known = searches.setdefault(record["file"], record)
        searches[record["file"]] = max(known, record, key=candidates_of)
    return [*map(_slim, found), *searches.values()]


def _is_search(record: Record) -> bool:
    return "cells" not in record and record["status"] == "done" and record["file"].startswith(students.SEARCH)


def candidates_of(record: Record) -> int:
    """Count the candidates of a search."""
    tables = (step["outcomes"][step["chosen"]].get("tables", {}) for step in record["steps"])
    return sum(len(table.get("candidates", ())) for table in tables)


def kept() -> list[Record]:
    """Read the records that are kept."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob("*.json"))]


def keep(records: Sequence[Record]) -> None:
    """Keep records, in place of those of the same flows."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for record in records:
        text = (
            json.dumps(record, separators=(",", ":"))
            .replace('{"values":', '\n{"values":')
            .replace('{"key":', '\n{"key":')
        )
        (KEPT / record["file"]).with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    write_table(RESULTS / "paper_precisions.csv", kept())


def write_table(path: Path, records: Sequence[Record]) -> None:
    """Write every error of Figure 3, and the estimates of its networks."""
    record = sweep_of(records, epochs.FLOW)
    errors = epochs.errors_of(record)
    names = sorted({epoch for found in errors.values() for epoch in found})
    resources = ("lut", "ff", "bram18")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            [
                "weight_bits",
                "act_bits",
                *(f"error_percent_{epoch:g}_epochs" for epoch in names),
                *(f"{name}_estimated" for name in resources),
            ]
        )
        for cell in record["cells"]:
            if not cell["error"]:
                key = tuple(cell["values"][:2])
                taken = {metric["name"]: metric["value"] for metric in cell["metrics"]["z7020"]}
                figures = (f"{errors[key][epoch]:.2f}" if epoch in errors[key] else "" for epoch in names)
                writer.writerow([*key, *figures, *(int(taken[name]) for name in resources)])


def _slim(record: Record) -> Record:
    short = {key: record[key] for key in ("id", "file", "flow", "status", "updated")}
    if "cells" in record:
        return {
            **short,
            "axes": record["axes"],
            "versions": record["versions"],
            "cells": [*map(_cell, record["cells"])],
        }
    steps = [step for step in record["steps"] if step["use"] in ("tune", "evolve", "ort")]
    return {**short, "versions": record["versions"], "steps": [_step(step) for step in steps]}


def _cell(cell: Record) -> Record:
    return {
        "values": cell["values"],
        "error": cell["error"],
        "metrics": {step: [*_metrics(found)] for step, found in cell["metrics"].items()},
        "curves": {
            step: {name: [[x, round(y, 4)] for x, y in points] for name, points in found.items() if name == "test_top1"}
            for step, found in cell["curves"].items()
            if "test_top1" in found
        },
    }


def _step(step: Record) -> Record:
    outcome = step["outcomes"][step["chosen"]]
    tables = {
        name: outcome.get("tables", {})[name]
        for name in ("candidates", "generations")
        if name in outcome.get("tables", {})
    }
    return {
        "name": step["name"],
        "use": step["use"],
        "chosen": 0,
        "outcomes": [{"metrics": [*_metrics(outcome["metrics"])], "tables": tables}],
    }


def _metrics(found: Sequence[Record]) -> Iterator[Mapping[str, Any]]:
    for metric in found:
        if metric["name"] in METRICS and "layer" not in metric:
            yield {key: metric[key] for key in ("name", "value", "unit", "source")}
