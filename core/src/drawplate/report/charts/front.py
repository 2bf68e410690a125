# SPDX-License-Identifier: Apache-2.0
"""The Pareto front of a search, its populations (the paper's Fig. 8) and its hypervolume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drawplate.report.charts.chart import BLACK, BLUE, HOLLOW, SYMBOLS, VERMILION, Chart, axis, nth
from drawplate.report.searches import Search

FAINT = "#8c959f"


def search_charts(step: str, search: Search) -> Iterator[Chart]:
    """Draw a search: front, populations of generations, hypervolume."""
    if len(search.objectives) > 1:
        yield front_chart(step, search)
        yield population_chart(step, search)
    if len(search.generations) > 1:
        yield hypervolume_chart(step, search)


def front_chart(step: str, search: Search) -> Chart:
    """Draw candidates by two objectives.  Genome and metrics are shown for the one under the pointer."""
    rest = [n for n, row in enumerate(search.candidates) if not (row.front or row.baseline)]
    front = [n for n, row in enumerate(search.candidates) if row.front]
    front.sort(key=lambda n: _xy(search, n))
    baseline = [n for n, row in enumerate(search.candidates) if row.baseline]
    chosen = [n for n, row in enumerate(search.candidates) if row.chosen]
    data = [
        _trace(search, rest, "dominated", {"color": FAINT, "size": 6, "opacity": 0.35}, webgl=True),
        _trace(search, front, "front", {"color": BLUE, "size": 10}, line=True),
        _trace(search, baseline, "baseline", {"color": BLACK, "size": 13}, symbol="diamond"),
        _trace(search, chosen, "chosen", {"color": VERMILION, "size": 17}, symbol="circle", ring=True),
    ]
    counts = f"{len(front)} of {len(search.candidates)} candidates are not dominated"
    failed = f"; {search.failed} failed or were rejected before training" if search.failed else ""
    return Chart(
        name=f"{step}-front",
        title=f"{step}: front",
        data=[trace for trace in data if trace["x"]],
        layout=_layout(search),
        caption=f"{counts}{failed}; hollow marks are estimates: {_sources(search)}",
    )


def population_chart(step: str, search: Search) -> Chart:
    """Draw the candidates that each generation brought."""
    numbers = sorted({row.generation for row in search.candidates})
    shown = numbers if len(numbers) <= 4 else [numbers[round(i * (len(numbers) - 1) / 3)] for i in range(4)]
    colours = ("#56b4e9", "#009e73", "#e69f00", "#d55e00")
    data = [
        _trace(
            search,
            [n for n, row in enumerate(search.candidates) if row.generation == number],
            f"generation {number}",
            {"color": nth(colours, position), "size": 8},
            symbol=nth(SYMBOLS, position),
            webgl=True,
        )
        for position, number in enumerate(shown)
    ]
    baseline = [n for n, row in enumerate(search.candidates) if row.baseline]
    data.append(_trace(search, baseline, "baseline", {"color": BLACK, "size": 13}, symbol="star"))
    return Chart(
        name=f"{step}-populations",
        title=f"{step}: populations",
        data=[trace for trace in data if trace["x"]],
        layout=_layout(search),
        caption=f"candidates first evaluated in a generation; {len(shown)} of {len(numbers)} generations shown",
    )


def hypervolume_chart(step: str, search: Search) -> Chart:
    """Draw the hypervolume after each generation."""
    rows = search.generations
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [row.evaluations for row in rows],
        "y": [row.hypervolume for row in rows],
        "line": {"color": BLUE, "width": 2},
    }
    layout = {"xaxis": axis("evaluations"), "yaxis": axis("hypervolume"), "height": 300, "showlegend": False}
    ends = f"{rows[0].hypervolume:.4g} after the first generation, {rows[-1].hypervolume:.4g} after the last"
    return Chart(name=f"{step}-hypervolume", title=f"{step}: hypervolume", data=[trace], layout=layout, caption=ends)


def _xy(search: Search, number: int) -> tuple[float, float]:
    y, x = search.objectives[:2]
    metrics = search.candidates[number].metrics
    return metrics[x].value, metrics[y].value


def _trace(
    search: Search,
    numbers: Sequence[int],
    name: str,
    marker: dict[str, Any],
    **style: Any,
) -> dict[str, Any]:
    rows = [search.candidates[n] for n in numbers]
    y, x = search.objectives[:2]
    estimated = any(search.sources[metric] == "estimated" for metric in (x, y))
    hollow = HOLLOW["estimated" if estimated else "measured"] if not style.get("ring") else "-open"
    return {
        "type": "scattergl" if style.get("webgl") and len(rows) > 1000 else "scatter",
        "mode": "lines+markers" if style.get("line") else "markers",
        "name": name,
        "x": [row.metrics[x].value for row in rows],
        "y": [row.metrics[y].value for row in rows],
        "customdata": list(numbers),
        "line": {"shape": "hv", "width": 1, "color": marker["color"]},
        "marker": {
            **marker,
            "symbol": style.get("symbol", "circle") + hollow,
            "line": {"width": 2, "color": marker["color"]},
        },
    }


def _layout(search: Search) -> dict[str, Any]:
    y, x = search.objectives[:2]
    return {
        "xaxis": axis(_titled(search, x)),
        "yaxis": axis(_titled(search, y)),
        "height": 440,
    }


def _titled(search: Search, metric: str) -> str:
    unit = f", {search.units[metric]}" if search.units[metric] else ""
    return f"{metric}{unit}"


def _sources(search: Search) -> str:
    return ", ".join(f"{metric} {search.sources[metric]}" for metric in search.objectives)
