# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML page about runs, sweeps and searches: nothing on it is fetched from anywhere."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drawplate.report.charts import Chart
from drawplate.report.charts.rates import rate_chart
from drawplate.report.gather import rates_of
from drawplate.report.markup import Part, chart_part, join
from drawplate.report.run_page import run_part
from drawplate.report.sweep_page import sweep_part

Record = Mapping[str, Any]
HERE = Path(__file__).parent


def page(records: Sequence[Record]) -> str:
    """Write the page.

    Raises:
        ToolMissing: when there is something to draw and plotly is not installed.
    """
    parts = [sweep_part(record) if "cells" in record else run_part(record) for record in records]
    if len(records) > 1:
        parts.insert(0, _together(records))
    whole = join(parts)
    title = html.escape(", ".join(record["id"] for record in records))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{_read('page.css')}</style></head>\n<body><main>\n{whole.text}\n</main>\n"
        f"{_scripts(whole)}</body></html>\n"
    )


def charts(records: Sequence[Record]) -> tuple[Chart, ...]:
    """Return every chart of the page, for writing them to files."""
    parts = [sweep_part(record) if "cells" in record else run_part(record) for record in records]
    together = (_together(records),) if len(records) > 1 else ()
    return join((*together, *parts)).charts


def _together(records: Sequence[Record]) -> Part:
    """All approaches in one picture."""
    rates = [rate for record in records for rate in rates_of(record)]
    head = Part(text="<h1>All runs</h1>")
    if len(rates) < 2:
        return head
    return join((head, chart_part(rate_chart(rates, "approaches", "all approaches: accuracy against speed"))))


def _scripts(whole: Part) -> str:
    if not whole.charts:
        return ""
    figures = {chart.name: chart.figure() for chart in whole.charts}
    return (
        f'<script type="application/json" id="figures">{_json(figures)}</script>\n'
        f'<script type="application/json" id="searches">{_json(dict(whole.searches))}</script>\n'
        f"<script>{plotly_js()}</script>\n<script>\n{_read('page.js')}</script>\n"
    )


def plotly_js() -> str:
    """Return plotly.js out of the installed plotly package.

    Raises:
        ToolMissing: when it is not installed.
    """
    from importlib.util import find_spec

    from drawplate.errors import ToolMissing

    found = find_spec("plotly")
    if found is None or not found.submodule_search_locations:
        raise ToolMissing("reports need plotly", hint="pip install 'drawplate[report]'")
    path = Path(found.submodule_search_locations[0], "package_data", "plotly.min.js")
    return path.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")).replace("</", "<\\/").replace("<!--", "<\\!--")


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
