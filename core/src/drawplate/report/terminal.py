# SPDX-License-Identifier: Apache-2.0
"""Plans, runs and listings as rich tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from drawplate.report.columns import table_grid
from drawplate.report.figures import format_metric, format_value
from drawplate.report.grids import LAYERS, layer_grids, layers_of, member_grid, sweep_grid
from drawplate.report.record import Record, Run, Sweep
from drawplate.report.searches import front_grid, search_of
from drawplate.report.wide import Wide

if TYPE_CHECKING:
    from drawplate.card import Card
    from drawplate.flow.plan import Plan, PlannedStep
    from drawplate.flow.run import StepResult
    from drawplate.report.read import Listed
    from drawplate.store.run_records import SweepRecord

SHOWN_ROWS = 40


def _table(title: str, *columns: str, rows: Iterable[Sequence[str]]) -> Table:
    table = Table(*columns, title=title, title_justify="left", show_edge=False, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


# plans ----------------------------------------------------------------------------------------------------------------


def plan_text(plan: Plan) -> RenderableType:
    """Show what a flow will do: every step, its options, and what it says of the model that it will get."""
    parts: list[RenderableType] = [Text(f"{plan.flow.path.name}: checked", style="bold")]
    parts += [Text(f"{'   ' if line else 'data '}{text}") for line, text in enumerate(plan.data)]
    for name, changes in plan.changes.items():
        parts.append(Text(f"{name}, changed at the door:"))
        parts += [Padding(Text(change), (0, 0, 0, 3)) for change in changes]
    for step in plan.steps:
        use = "" if step.spec.use == step.spec.name else f" ({step.spec.use})"
        form = step.takes if step.takes is step.gives else f"{step.takes} -> {step.gives}"
        head = Text(f"{step.spec.number}. {step.spec.name}{use}", style="bold")
        head.append(f"  {', '.join(step.verbs)}  {form}", style="not bold")
        parts.append(head)
        parts += [Padding(Text(line, style="dim"), (0, 0, 0, 3)) for line in _set_options(step.options)]
        parts += [Padding(Text(line), (0, 0, 0, 3)) for line in step.notes]
    return Group(*parts)


def _set_options(options: Mapping[str, Any]) -> Iterator[str]:
    shown = [f"{key} = {format_value(value)}" for key, value in options.items() if value not in (None, [], {})]
    if shown:
        yield ", ".join(shown)


def plan_record(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values."""
    return {
        "run": plan.run_id,
        "models": {name: model.digest for name, model in plan.models.items()},
        "changed": {name: list(changes) for name, changes in plan.changes.items()},
        "data": list(plan.data),
        "steps": [
            {
                "number": step.spec.number,
                "name": step.spec.name,
                "use": step.spec.use,
                "verbs": [verb.value for verb in step.verbs],
                "takes": step.takes.value,
                "gives": step.gives.value,
                "options": dict(step.options),
                "notes": list(step.notes),
            }
            for step in plan.steps
        ],
    }


# runs -----------------------------------------------------------------------------------------------------------------


def step_lines(step: PlannedStep, result: StepResult) -> Iterator[RenderableType]:
    """Say what a step gave, as soon as it is done."""
    head = Text(f"{step.spec.number}. {step.spec.name}", style="bold")
    head.append(f"  {result.seconds:.1f} s of work", style="dim")
    if result.outcome.front:
        head.append(f"  front of {len(result.outcome.front)}", style="dim")
    yield head
    said = ""
    for metric in result.outcome.metrics:
        if metric.layer is None:
            line = Text(f"   {metric.name:<18} {format_metric(metric)}")
            if metric.split and metric.note != said:  # what was judged, and how strong the evidence is
                said = metric.note
                line.append(f"  {said}", style="dim")
            yield line
    for note in result.outcome.notes:
        yield Text(f"   {note}", style="dim")


def runs_table(rows: Sequence[Listed]) -> RenderableType:
    """List the runs of a store."""
    body = [[row.id, row.file or "", status_of(row), row.updated or row.error or ""] for row in rows]
    return _table("runs", "id", "file", "status", "updated", rows=body)


def status_of(record: Run | Listed) -> str:
    """Say how a run ended, and what became of a later attempt that did not end well."""
    return f"{record.status}; a later attempt: {record.later.status}" if record.later else record.status


def run_tables(record: Record) -> Iterator[RenderableType]:
    """Show one run, or a sweep."""
    if isinstance(record, Sweep):
        yield sweep_table(record)
        return
    yield Text(f"{record.id}  {status_of(record)}", style="bold")
    if record.error:
        yield Text(record.error, style="red")
    for name, model in record.models.items():
        if model.changed:
            yield Text(f"{name}, changed at the door: {'; '.join(model.changed)}", style="dim")
    rows = [
        (step.name, metric.name, format_metric(metric), metric.source, metric.note)
        for step in record.steps
        for metric in step.whole
    ]
    if rows:
        yield _table("metrics", "step", "metric", "value", "source", "note", rows=rows)
    for step in record.steps:
        members = member_grid(step)
        if members:
            yield Wide(f"{step.name}, every member of the front", members.columns, members.rows)
        layers = layers_of(step.outcome)
        for grid in layer_grids(layers) if layers else ():
            yield Wide(f"{step.name}, by layer", grid.columns, grid.rows)
        yield from recorded_tables(step.name, step.outcome.tables)


def recorded_tables(step: str, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[RenderableType]:
    """Show the tables that a step recorded; of a search's candidates the front."""
    search = search_of(tables)
    if search:
        grid = front_grid(search)
        yield Wide(f"{step}, front of {len(search.candidates)} candidates", grid.columns, grid.rows)
    for name, rows in tables.items():
        if name == LAYERS or (search and name == "candidates"):
            continue
        grid = table_grid(rows[:SHOWN_ROWS])
        more = f", {SHOWN_ROWS} of {len(rows)} rows" if len(rows) > SHOWN_ROWS else ""
        yield Wide(f"{step}, {name}{more}", grid.columns, grid.rows)


def sweep_table(record: SweepRecord) -> RenderableType:
    """Show the cells of a sweep."""
    grid = sweep_grid(record)
    return Wide(f"{record.id}  {record.status}", grid.columns, grid.rows, keys=len(record.axes))


def compare_tables(
    names: Sequence[str], settings: Iterable[Sequence[str]], figures: Iterable[Sequence[str]]
) -> Iterator[RenderableType]:
    """Show runs side by side."""
    yield _table("what differs", "setting", *names, rows=settings)
    yield _table("figures", "metric", *names, rows=figures)


# listings -------------------------------------------------------------------------------------------------------------


def plugins_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List plugins; a broken one is red and says why."""
    table = Table("step", "distribution", "verbs", "accepts", "summary", show_edge=False, pad_edge=False)
    for row in rows:
        said = Text(row["broken"], style="red") if row["broken"] else Text(row["summary"])
        table.add_row(
            *map(Text, (row["step"], row["distribution"], " ".join(row["verbs"]), " ".join(row["accepts"]))), said
        )
    return table


def options_table(name: str, card: Card) -> RenderableType:
    """List a step's options."""
    from drawplate.options import json_schema

    rows = []
    for verb, cls in card.options.items():
        for key, schema in json_schema(cls)["properties"].items():
            kind = schema.get("type", "one of" if "enum" in schema else "")
            limits = ", ".join(str(choice) for choice in schema.get("enum", ()))
            rows.append(
                (verb.value, key, kind, limits, format_value(schema.get("default")), schema.get("description", ""))
            )
    return _table(f"{name}: {card.summary}", "verb", "option", "type", "allowed", "default", "what it does", rows=rows)
