# SPDX-License-Identifier: Apache-2.0
"""Runs side by side: what differs in their flows, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drawplate.errors import FlowError
from drawplate.report.figures import format_metric, format_value
from drawplate.report.record import Record, Run, Sweep
from drawplate.store.run_records import StepRecord


def comparable(records: Sequence[Record]) -> list[Run]:
    """Return the records of runs; refuse what has no single result.

    Raises:
        FlowError: for a sweep, or fewer than two runs.
    """
    for record in records:
        if isinstance(record, Sweep):
            raise FlowError("is a sweep", where=record.id, allowed="runs", hint=f"drawplate report {record.id}")
    if len(records) < 2:
        raise FlowError("there is nothing to compare with", where=records[0].id, hint="name a second run")
    return [record for record in records if isinstance(record, Run)]


def differences(records: Sequence[Run]) -> list[tuple[str, ...]]:
    """Return the settings of the flows that are not the same everywhere: key, and the value in each run."""
    flat = [dict(_leaves(record.flow, record.steps)) for record in records]
    for record, found in zip(records, flat, strict=True):
        found["device"], found["data"] = record.device, record.data.digest[:8] if record.data else ""
        found |= {f"version of {name}": version for name, version in record.versions.items()}
    keys = dict.fromkeys(key for found in flat for key in found)
    rows = ((key, *(format_value(found.get(key)) for found in flat)) for key in keys)
    return [row for row in rows if len(set(row[1:])) > 1]


def _leaves(flow: Mapping[str, Any], steps: Sequence[StepRecord]) -> Iterator[tuple[str, Any]]:
    for key, value in flow.items():
        if key == "step":
            continue
        for name, inner in value.items() if isinstance(value, Mapping) else [("", value)]:
            yield (f"{key}.{name}" if name else key), inner
    for step in steps:  # with the values that the defaults gave
        for name, value in step.options.items():
            yield f"{step.name}.{name}", value
        yield f"{step.name}.use", step.use


def side_by_side(records: Sequence[Run]) -> list[tuple[str, ...]]:
    """Return every whole-model metric by step: its name, and its value in each run."""
    flat = [_figures(record) for record in records]
    keys = dict.fromkeys(key for found in flat for key in found)
    return [(key, *(found.get(key, "") for found in flat)) for key in keys]


def _figures(record: Run) -> dict[str, str]:
    return {f"{step.name}.{metric.name}": format_metric(metric) for step in record.steps for metric in step.whole}
