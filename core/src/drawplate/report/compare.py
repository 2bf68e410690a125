# SPDX-License-Identifier: Apache-2.0
"""Runs side by side: what differs in their flows, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate.errors import FlowError, nearest
from drawplate.report.figures import format_metric, format_value
from drawplate.report.record import Record, Run, Sweep
from drawplate.report.seeds import column_unit, figure, head, names_of
from drawplate.report.sweeps import Point, points
from drawplate.store.run_records import StepRecord

Row = tuple[str, ...]


@frozen(kw_only=True)
class Compared:
    """Records side by side: rows of a name and a value for each."""

    names: Row
    settings: list[Row]
    """What is not the same everywhere."""
    figures: list[Row]


def compared(records: Sequence[Record], wanted: Sequence[str] = ()) -> Compared:
    """Lay runs, or sweeps, side by side.

    Args:
        records: all runs, or all sweeps.
        wanted: metrics; all where left out, of sweeps those that a reader looks for first.

    Raises:
        FlowError: for fewer than two, for runs beside sweeps, or a metric that nobody found.
    """
    if len(records) < 2:
        raise FlowError("there is nothing to compare with", where=records[0].id, hint="name a second run")
    names = tuple(record.id for record in records)
    runs = [record for record in records if isinstance(record, Run)]
    sweeps = [record for record in records if isinstance(record, Sweep)]
    if runs and sweeps:
        raise FlowError(
            f"{runs[0].id} is a run", where=sweeps[0].id, allowed="all runs, or all sweeps", hint="compare likes"
        )
    if runs:
        return Compared(names=names, settings=differences(runs), figures=_chosen(side_by_side(runs), wanted))
    return Compared(names=names, settings=_swept_differences(sweeps), figures=swept_figures(sweeps, wanted))


def _chosen(rows: list[Row], wanted: Sequence[str]) -> list[Row]:
    known = {row[0] for row in rows} | {row[0].rpartition(".")[2] for row in rows}
    for word in wanted:
        if word not in known:
            raise FlowError(f"there is no metric {word!r}", where="--metrics", meant=nearest(word, known))
    return [row for row in rows if not wanted or {row[0], row[0].rpartition(".")[2]} & set(wanted)]


def swept_figures(sweeps: Sequence[Sweep], wanted: Sequence[str] = ()) -> list[Row]:
    """Return mean and spread over seeds of every setting that is in all sweeps: its label and metric, its values."""
    found = [points(sweep) for sweep in sweeps]
    by_setting: list[dict[str, Point]] = [{point.label: point for point in each} for each in found]
    shared = [label for label in by_setting[0] if all(label in each for each in by_setting)]
    if not shared:
        raise FlowError(
            "no setting is in all of them",
            where=", ".join(sweep.id for sweep in sweeps),
            hint="compare sweeps over the same options",
        )
    everything = tuple(point for each in found for point in each)
    return [
        (
            f"{label} {head(everything, name)}".strip(),
            *(figure(each[label], name, column_unit(everything, name)[1]) for each in by_setting),
        )
        for name in names_of(everything, wanted)
        for label in shared
    ]


def _swept_differences(sweeps: Sequence[Sweep]) -> list[Row]:
    flat = [
        dict(_leaves(sweep.flow, ())) | {f"over {axis.target}": list(axis.values) for axis in sweep.axes}
        | {f"{step.get('name', step['use'])}.{key}": value for step in sweep.flow.get("step", ())
           for key, value in step.items()}
        for sweep in sweeps
    ]  # fmt: skip
    return _unequal(flat)


def differences(records: Sequence[Run]) -> list[tuple[str, ...]]:
    """Return the settings of the flows that are not the same everywhere: key, and the value in each run."""
    flat = [dict(_leaves(record.flow, record.steps)) for record in records]
    for record, found in zip(records, flat, strict=True):
        found["device"], found["data"] = record.device, record.data.digest[:8] if record.data else ""
        found |= {f"version of {name}": version for name, version in record.versions.items()}
    return _unequal(flat)


def _unequal(flat: Sequence[Mapping[str, Any]]) -> list[Row]:
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
