# SPDX-License-Identifier: Apache-2.0
"""The page's part about one run."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drawplate.report.charts.curves import curve_charts
from drawplate.report.charts.front import search_charts
from drawplate.report.columns import table_grid
from drawplate.report.figures import format_metric, format_value
from drawplate.report.grids import LAYERS, member_grid
from drawplate.report.layers import layer_table
from drawplate.report.lineage import lineage_svg
from drawplate.report.markup import Part, chart_part, details, figure_card, join, table
from drawplate.report.search_page import front_table, search_values
from drawplate.report.searches import Search, search_of
from drawplate.report.summary import accuracies, headlines, whole_metrics

Record = Mapping[str, Any]
SHOWN_ROWS = 200
"""Longer recorded tables are cut; `drawplate show --csv` has them whole."""


def run_part(record: Record) -> Part:
    """Tell a run's story: what came out, how, and from what."""
    return join([_head(record), *(_step(step) for step in record["steps"]), flow_and_versions(record)])


def _head(record: Record) -> Part:
    parts = [
        title_of(record),
        f"<p>{html.escape(', '.join((record['status'], when(record), *_given(record))))}</p>",
    ]
    if record["error"]:
        parts.append(f'<pre class="error">{html.escape(record["error"])}</pre>')
    notes = " ".join(record["data"]["notes"]) if record["data"] else ""
    if notes:
        parts.append(f"<p>{html.escape(notes)}</p>")
    cards = [figure_card(figure) for figure in headlines(record)]
    if cards:
        parts.append(f'<div class="cards">{"".join(cards)}</div>')
    found = list(accuracies(record))
    if len(found) > 1:
        rows = [[f.step, format_metric(f.metric), f.metric["source"], f.metric.get("note", "")] for f in found]
        columns = ["after", "top-1", "source", "note"]
        parts.append("<h2>Accuracy through the steps</h2>" + table(columns, rows, label="accuracy"))
    svg = lineage_svg(record)
    if svg:
        parts.append(f'<h2>Lineage</h2><div class="wide" role="region" aria-label="lineage" tabindex="0">{svg}</div>')
    return Part(text="".join(filter(None, parts)))


def _given(record: Record) -> Iterator[str]:
    yield f"seed {record['seed']}"
    if record["data"]:
        yield record["data"]["name"]
    yield f"on {record['device']}"


def title_of(record: Record) -> str:
    """Write a record's name, and the title that its flow gives itself."""
    title = record["flow"].get("title", "") if isinstance(record["flow"], Mapping) else ""
    lead = f'<p class="lead">{html.escape(str(title))}</p>' if title else ""
    return f"<h1>{html.escape(record['id'])}</h1>{lead}"


def when(record: Record) -> str:
    """Write when a record was written last, to the minute."""
    return f"{record['updated'][:16].replace('T', ' ')} UTC"


def flow_and_versions(record: Record) -> Part:
    """Write the flow that was run and the versions of everything that ran, folded."""
    flow = f'<pre tabindex="0">{html.escape(json.dumps(record["flow"], indent=1))}</pre>'
    found = sorted(record.get("versions", {}).items())
    found += [("host", record["host"])] if record.get("host") else []
    versions = details("versions", table(["package", "version"], found, label="versions")) if found else ""
    return Part(text=details("flow", flow) + versions)


def _step(step: Record) -> Part:
    outcome = step["outcomes"][step["chosen"]]
    tables = outcome.get("tables", {})
    search = search_of(tables)
    plain = [name for name in tables if name != LAYERS and not (search and name == "candidates")]
    return join(
        [
            Part(text=f"<section><h2>{step['number']}. {html.escape(step['name'])}</h2>{_notes(outcome['notes'])}"),
            Part(text=_metrics(whole_metrics(step))),
            Part(text=_members(step)),
            *_search(step["name"], search),
            *(chart_part(chart) for chart in curve_charts(step["name"], outcome["curves"])),
            Part(text=layer_table(outcome, step["name"])),
            *(_table(step["name"], name, tables[name]) for name in plain),
            Part(text=_folded(step) + "</section>"),
        ]
    )


def _notes(notes: Sequence[str]) -> str:
    lines = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return f'<ul class="notes">{lines}</ul>' if lines else ""


def _metrics(whole: Sequence[Record]) -> str:
    if not whole:
        return ""
    rows = [[metric["name"], format_metric(metric), metric["source"], metric.get("note", "")] for metric in whole]
    return table(["metric", "value", "source", "note"], rows, label="metrics")


def _members(step: Record) -> str:
    grid = member_grid(step)
    if grid is None:
        return ""
    return "<h3>Every member of the front</h3>" + table(grid.columns, grid.rows, label=f"{step['name']}, members")


def _search(step: str, search: Search | None) -> Iterator[Part]:
    if search is None:
        return
    for chart in search_charts(step, search):
        part = chart_part(chart)
        picks = any("customdata" in trace for trace in chart.data)
        panel = '<div class="picked" aria-live="polite">Click a point to see its genome.</div>' if picks else ""
        yield Part(
            text=part.text.replace("<figcaption>", f"{panel}<figcaption>"),
            charts=part.charts,
            searches={chart.name: search_values(search)} if picks else {},
        )
    yield Part(text=front_table(search))


def _table(step: str, name: str, rows: Sequence[Record]) -> Part:
    grid = table_grid(rows[:SHOWN_ROWS])
    cut = f"<p>{len(rows) - SHOWN_ROWS} more rows: drawplate show --csv</p>" if len(rows) > SHOWN_ROWS else ""
    return Part(text=details(f"{name} ({len(rows)})", table(grid.columns, grid.rows, label=f"{step}, {name}") + cut))


def _folded(step: Record) -> str:
    plan = "".join(f"<p>{html.escape(note)}</p>" for note in step["plan_notes"])
    options = [[key, format_value(value)] for key, value in step["options"].items()]
    return (details("plan", plan) if plan else "") + details("options", table(["option", "value"], options))
