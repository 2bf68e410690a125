# SPDX-License-Identifier: Apache-2.0
"""Pieces of a page: tables, folded parts, places for charts."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from drawplate.report.charts import Chart
from drawplate.report.figures import format_figure, format_number
from drawplate.report.summary import Figure

ADDED = ("lut", "ff", "bram18", "dsp", "nce_cycles", "bytes", "latency_ms")
"""Columns whose cells are shares of a whole: a bar shows which layer takes most."""


@frozen(kw_only=True)
class Part:
    """Some of the page: its text, and the charts that are drawn into it."""

    text: str
    charts: tuple[Chart, ...] = ()
    searches: Mapping[str, Any] = field(factory=dict)
    """What the page's script shows of a search's candidates, by the name of the chart."""


def join(parts: Iterable[Part]) -> Part:
    """Put parts one after the other; charts of one name are numbered."""
    text: list[str] = []
    charts: dict[str, Chart] = {}
    searches: dict[str, Any] = {}
    for part in parts:
        body = part.text
        for chart in part.charts:
            name = _free(chart.name, charts)
            charts[name] = evolve(chart, name=name)
            if name != chart.name:
                body = body.replace(f'data-chart="{chart.name}"', f'data-chart="{name}"')
            if chart.name in part.searches:
                searches[name] = part.searches[chart.name]
        text.append(body)
    return Part(text="\n".join(filter(None, text)), charts=tuple(charts.values()), searches=searches)


def _free(name: str, taken: Mapping[str, Chart]) -> str:
    if name not in taken:
        return name
    return next(f"{name}-{number}" for number in range(2, len(taken) + 3) if f"{name}-{number}" not in taken)


def chart_part(chart: Chart) -> Part:
    """Make the place of a chart, with its caption below."""
    title, caption = html.escape(chart.title), html.escape(chart.caption)
    height = chart.figure()["layout"]["height"]
    return Part(
        text=(
            f'<figure class="{"whole" if chart.wide else "half"}"><div class="chart" data-chart="{chart.name}" '
            f'role="group" aria-label="{title}. {caption}" '
            f'style="height:{height}px"></div><figcaption><b>{title}</b> {caption}</figcaption></figure>'
        ),
        charts=(chart,),
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, label: str = "table") -> str:
    """Write a table that scrolls by itself on a narrow screen."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    name = html.escape(label)
    return (
        f'<div class="wide" role="region" aria-label="{name}" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def bars(text: str, share: float) -> str:
    """Write a cell whose background shows a share of a whole."""
    return f'<td class="bar" style="--share:{share * 100:.1f}%">{html.escape(text)}</td>'


def details(summary: str, body: str) -> str:
    """Write a part that opens on a click."""
    return f"<details><summary>{html.escape(summary)}</summary>{body}</details>"


def figure_card(figure: Figure) -> str:
    """Write one headline figure: the step that found it, what that step says of it, its share of the target."""
    metric = figure.metric
    name, unit, source = (html.escape(metric[key]) for key in ("name", "unit", "source"))
    where = f"by {figure.step}: {metric['note']}" if metric.get("note") else f"by {figure.step}"
    return (
        f'<div class="card"><span class="what">{name}</span>'
        f'<span class="value">{format_figure(metric)}<small> {unit}</small></span>{_used(figure.used)}'
        f'<span class="source {source}">{source}</span><span class="where">{html.escape(where)}</span></div>'
    )


def _used(share: float | None) -> str:
    if share is None:
        return ""
    return f'<span class="used" style="--share:{min(share, 100):.1f}%">{format_number(share)} % of the target</span>'
