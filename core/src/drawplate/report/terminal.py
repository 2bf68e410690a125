# SPDX-License-Identifier: Apache-2.0
"""Plans, runs and listings as rich tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from drawplate.metric import Metric
from drawplate.report.columns import table_grid
from drawplate.report.figures import format_metric, format_value
from drawplate.report.grids import LAYERS, layer_grids, layers_of, member_grid, sweep_grid
from drawplate.report.listing import status_of, table
from drawplate.report.record import Record, Sweep
from drawplate.report.searches import front_grid, search_of
from drawplate.report.seeds import SHOWN, best, column_unit, figure, head, names_of, seeds_of, summary_grid, varying
from drawplate.report.sweeps import points
from drawplate.report.wide import Wide

if TYPE_CHECKING:
    from drawplate.flow.plan import Plan, PlannedStep
    from drawplate.flow.run import StepResult
    from drawplate.store.run_records import SweepRecord

SHOWN_ROWS = 40


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
            words = _evidence(metric)
            if words != said:  # what was judged, and how strong the evidence is
                said = words
                line.append(f"  {said}", style="dim")
            yield line
    for note in result.outcome.notes:
        yield Text(f"   {note}", style="dim")


def run_tables(record: Record) -> Iterator[RenderableType]:
    """Show one run, or a sweep."""
    if isinstance(record, Sweep):
        yield from sweep_summary(record)
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
        yield table("metrics", "step", "metric", "value", "source", "note", rows=rows)
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


def _evidence(metric: Metric) -> str:
    if not metric.split:
        return ""
    count = f"{metric.count:,}" if metric.count else ""
    return "; ".join(
        filter(None, (f"{count} of {metric.split}" if count and count not in metric.note else "", metric.note))
    )


def sweep_table(record: SweepRecord) -> RenderableType:
    """Show every cell of a sweep."""
    grid = sweep_grid(record)
    return Wide(f"{record.id}  {record.status}", grid.columns, grid.rows, keys=len(record.axes))


def sweep_summary(record: Sweep, wanted: Sequence[str] = ()) -> Iterator[RenderableType]:
    """Show what a sweep came to: its settings with mean and spread over seeds, the best ones, and how to see more."""
    found, failed = points(record), [cell for cell in record.cells if cell.error]
    seeds = seeds_of(record)
    title = f"{record.id}  {status_of(record)}, {len(record.cells)} runs"
    if found:
        names, same = varying(found, names_of(found, wanted))
        grid = summary_grid(record, names or same, shown=SHOWN)
        cut = f", the {len(grid.rows)} best of {len(found)} settings" if len(grid.rows) < len(found) else ""
        over = f", mean ± spread of {seeds} seeds" if seeds > 1 else ""
        keys = sum(axis.target != "seed" for axis in record.axes)
        yield Wide(f"{title}{cut}{over}", grid.columns, grid.rows, keys=keys)
    else:
        yield Text(title, style="bold")
    leaders = list(best(record, wanted))
    if leaders:
        rows = [
            (head(found, one.metric), figure(one.point, one.metric, column_unit(found, one.metric)[1]), one.point.label)
            for one in leaders
        ]
        yield table("best", "metric", "value", "setting", rows=rows)
    if found and names and same:
        written = (f"{head(found, name)} = {figure(found[0], name, column_unit(found, name)[1])}" for name in same)
        yield Text(f"the same everywhere: {', '.join(written)}", style="dim")
    if failed:
        yield Text(f"{len(failed)} of {len(record.cells)} runs failed; the first: {failed[0].error}", style="red")
    yield Text(f"every run: drawplate show {record.id} --each; charts: drawplate report {record.id}", style="dim")


def compare_tables(
    names: Sequence[str], settings: Iterable[Sequence[str]], figures: Iterable[Sequence[str]]
) -> Iterator[RenderableType]:
    """Show runs side by side."""
    yield table("what differs", "setting", *names, rows=settings)
    yield table("figures", "metric", *names, rows=figures)
