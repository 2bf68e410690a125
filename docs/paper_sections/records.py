# SPDX-License-Identifier: Apache-2.0
"""Results that the page is made of: out of stores, or those that are kept with the source."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drawplate.artifact import Form
from drawplate.metric import Metric
from drawplate.report.read import read_run, read_whole, run_folders
from drawplate.report.record import Record, Run, Sweep, SweptCell, typed
from drawplate.store import Store
from drawplate.store.run_records import StepRecord
from paper_sections import epochs, speeds, students
from paper_sections.section import RESULTS, sweep_of

KEPT = RESULTS / "paper"
"""One record per flow, as stores have them, without what the page does not show."""
SWEEPS = (epochs.FLOW, speeds.FLOW, students.SWEEP)
STEPS = ("fit", "tune", "evolve", "ort")
"""Steps of a search that the page shows."""
NO_ARTIFACT = {"digest": "", "form": Form.FLOAT, "inputs": [], "outputs": [], "opsets": {}}
"""Models themselves are not kept."""
METRICS = (
    "top1",
    "val_top1",
    "error",
    "cycles",
    "fps",
    "latency_ms",
    "lut",
    "ff",
    "bram18",
    "dsp",
    "fits",
    "macs",
    "params",
)


def from_stores(stores: Sequence[Path]) -> list[Record]:
    """Read what the page shows out of stores: of each flow the largest sweep, or the largest search."""
    folders = [folder for store in stores for folder in run_folders(Store(store))]
    records = [read_run(folder) for folder in folders]
    places = {record.id: folder for record, folder in zip(records, folders, strict=True)}
    found: list[Record] = []
    for stem in SWEEPS:
        try:
            found.append(read_whole(places[sweep_of(records, stem).id]))
        except LookupError:
            continue
    searches: dict[str, Run] = {}
    for record in records:
        if isinstance(record, Run) and record.status == "done" and record.file.startswith(students.SEARCHES):
            searches[record.file] = max(searches.get(record.file, record), record, key=candidates_of)
    return [_shown(_slim(record)) for record in (*found, *searches.values())]


def candidates_of(record: Run) -> int:
    """Count the candidates of a search."""
    steps = (step for step in record.steps if step.use in STEPS)
    return sum(len(step.outcome.tables.get("candidates", ())) for step in steps)


def kept() -> list[Record]:
    """Read the records that are kept."""
    return [_shown(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(KEPT.glob("*.json"))]


def keep(records: Sequence[Record]) -> None:
    """Keep records, in place of those of the same flows."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for record in records:
        text = (
            json.dumps(_slim(record), separators=(",", ":"))
            .replace('{"values":', '\n{"values":')
            .replace('{"key":', '\n{"key":')
        )
        (KEPT / record.file).with_suffix(".json").write_text(text + "\n", encoding="utf-8")
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
        for cell in record.cells:
            if not cell.error:
                key = (cell.values[0], cell.values[1])
                taken = {metric.name: metric.value for metric in cell.metrics["z7020"]}
                figures = (f"{errors[key][epoch]:.2f}" if epoch in errors[key] else "" for epoch in names)
                writer.writerow([*key, *figures, *(int(taken[name]) for name in resources)])


def _shown(values: Mapping[str, Any]) -> Record:
    """Make a record of what is kept."""
    steps = [
        {**step, "outcomes": [{"artifact": NO_ARTIFACT, **outcome} for outcome in step["outcomes"]]}
        for step in values.get("steps", ())
    ]
    return typed({**values, "steps": steps})


def _slim(record: Record) -> dict[str, Any]:
    """Return what is kept of a record, as JSON values."""
    short = {
        "id": record.id,
        "file": record.file,
        "flow": record.flow,
        "status": record.status,
        "updated": record.updated,
    }
    if isinstance(record, Sweep):
        axes = [{"target": axis.target, "values": list(axis.values)} for axis in record.axes]
        return {**short, "axes": axes, "versions": record.versions, "cells": [*map(_cell, record.cells)]}
    steps = [_step(step) for step in record.steps if step.use in STEPS]
    return {**short, "versions": record.versions, "steps": steps}


def _cell(cell: SweptCell) -> dict[str, Any]:
    return {
        "values": list(cell.values),
        "error": cell.error,
        "metrics": {step: [*_metrics(found)] for step, found in cell.metrics.items()},
        "curves": {
            step: {"test_top1": [[x, round(y, 4)] for x, y in found["test_top1"]]}
            for step, found in cell.curves.items()
            if "test_top1" in found
        },
    }


def _step(step: StepRecord) -> dict[str, Any]:
    outcome = step.outcome
    tables = {name: outcome.tables[name] for name in ("candidates", "generations") if name in outcome.tables}
    outcomes = [{"metrics": [*_metrics(outcome.metrics)], "tables": tables}]
    return {"name": step.name, "use": step.use, "chosen": 0, "outcomes": outcomes}


def _metrics(found: Sequence[Metric]) -> Iterator[Mapping[str, Any]]:
    for metric in found:
        if metric.name in METRICS and metric.layer is None:
            yield {"name": metric.name, "value": metric.value, "unit": metric.unit, "source": metric.source}
