# SPDX-License-Identifier: Apache-2.0
"""Runs side by side: what differs in their flows, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drawplate.errors import FlowError
from drawplate.report.figures import format_metric, format_value
from drawplate.report.summary import whole_metrics

Record = Mapping[str, Any]


def check_comparable(records: Sequence[Record]) -> None:
    """Refuse what has no single result.

    Raises:
        FlowError: for a sweep, or fewer than two runs.
    """
    for record in records:
        if "cells" in record:
            raise FlowError("is a sweep", where=record["id"], allowed="runs", hint=f"drawplate report {record['id']}")
    if len(records) < 2:
        raise FlowError("there is nothing to compare with", where=records[0]["id"], hint="name a second run")


def differences(records: Sequence[Record]) -> list[tuple[str, ...]]:
    """Return the settings of the flows that are not the same everywhere: key, and the value in each run."""
    flat = [dict(_leaves(record["flow"], record["steps"])) for record in records]
    for record, found in zip(records, flat, strict=True):
        found["device"], found["data"] = record["device"], (record["data"] or {}).get("digest", "")[:8]
        found |= {f"version of {name}": version for name, version in record["versions"].items()}
    keys = dict.fromkeys(key for found in flat for key in found)
    rows = ((key, *(format_value(found.get(key)) for found in flat)) for key in keys)
    return [row for row in rows if len(set(row[1:])) > 1]


def _leaves(flow: Any, steps: Sequence[Record]) -> Iterator[tuple[str, Any]]:
    table = flow if isinstance(flow, Mapping) else {}
    for key, value in table.items():
        if key == "step":
            continue
        for name, inner in value.items() if isinstance(value, Mapping) else [("", value)]:
            yield (f"{key}.{name}" if name else key), inner
    for step in steps:  # with the values that the defaults gave
        for name, value in step["options"].items():
            yield f"{step['name']}.{name}", value
        yield f"{step['name']}.use", step["use"]


def side_by_side(records: Sequence[Record]) -> list[tuple[str, ...]]:
    """Return every whole-model metric by step: its name, and its value in each run."""
    flat = [_figures(record) for record in records]
    keys = dict.fromkeys(key for found in flat for key in found)
    return [(key, *(found.get(key, "") for found in flat)) for key in keys]


def _figures(record: Record) -> dict[str, str]:
    return {
        f"{step['name']}.{metric['name']}": format_metric(metric)
        for step in record["steps"]
        for metric in whole_metrics(step)
    }
