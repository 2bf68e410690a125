# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML page about runs: tables of every figure with its source."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from drawplate.report.curves import curve_svg
from drawplate.report.figures import format_metric, format_value
from drawplate.report.grids import layer_grid, sweep_grid

Record = Mapping[str, Any]


def page(records: Sequence[Record]) -> str:
    """Write the page."""
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    title = ", ".join(record["id"] for record in records)
    body = "\n".join(_sweep(record) if "cells" in record else _run(record) for record in records)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>\n{style}</style></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _run(record: Record) -> str:
    parts = [
        f"<h1>{html.escape(record['id'])}</h1>",
        (
            f"<p>{html.escape(record['status'])}, {html.escape(record['updated'])}, seed {record['seed']}, "
            f"on {html.escape(record['device'])} of {html.escape(record['host'])}</p>"
        ),
    ]
    if record["error"]:
        parts.append(f'<pre class="error">{html.escape(record["error"])}</pre>')
    if record["data"]:
        notes = " ".join(record["data"]["notes"])
        parts.append(f"<p>data: {html.escape(record['data']['name'])}. {html.escape(notes)}</p>")
    parts += [_step(step) for step in record["steps"]]
    parts.append(_details("flow", f"<pre>{html.escape(json.dumps(record['flow'], indent=1))}</pre>"))
    parts.append(_details("versions", _table(["package", "version"], sorted(record["versions"].items()))))
    return "\n".join(parts)


def _step(step: Record) -> str:
    outcome = step["outcomes"][step["chosen"]]
    whole = [metric for metric in outcome["metrics"] if "layer" not in metric]
    parts = [f"<h2>{step['number']}. {html.escape(step['name'])}</h2>"]
    parts += [f"<p>{html.escape(note)}</p>" for note in outcome["notes"]]
    if whole:
        rows = [[m["name"], format_metric(m), m["source"], m.get("note", "")] for m in whole]
        parts.append(_table(["metric", "value", "source", "note"], rows))
    parts += [curve_svg(name, points) for name, points in outcome["curves"].items() if len(points) > 1]
    parts.append(_layers(outcome["metrics"]))
    if step["plan_notes"]:
        parts.append(_details("plan", "".join(f"<p>{html.escape(note)}</p>" for note in step["plan_notes"])))
    options = [[key, format_value(value)] for key, value in step["options"].items()]
    parts.append(_details("options", _table(["option", "value"], options)))
    return f"<section>{''.join(filter(None, parts))}</section>"


def _layers(metrics: Sequence[Record]) -> str:
    grid = layer_grid(metrics)
    return _details("by layer", _table(grid.columns, grid.rows)) if grid else ""


def _sweep(record: Record) -> str:
    grid = sweep_grid(record)
    return f"<h1>{html.escape(record['id'])}</h1>{_table(grid.columns, grid.rows)}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>{body}</details>"
