# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML page about runs, sweeps and searches: nothing on it is fetched from anywhere.

What stands on a page comes out of models, plugins and flows.  The templates escape all of it, and the page's policy
lets a browser run the page's two scripts, which it knows by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.report.charts import Chart
from drawplate.report.charts.rates import rate_chart
from drawplate.report.gather import rates_of
from drawplate.report.place import Drawn, Place
from drawplate.report.record import Record, Sweep
from drawplate.report.run_page import RunView, run_view
from drawplate.report.sweep_page import SweepView, sweep_view

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
FUNCTION_MAKERS = frozenset({"scattergl"})
"""Traces that plotly.js draws with functions that it makes out of text."""


def page(records: Sequence[Record]) -> str:
    """Write the page.

    Raises:
        ToolMissing: when there is something to draw and plotly is not installed.
    """
    drawn = Drawn()
    together, views = _views(records, drawn)
    scripts = (plotly_js(), _read("page.js")) if drawn.charts else ()
    figures = {name: chart.figure() for name, chart in drawn.charts.items()}
    values = (("figures", _json(figures)), ("searches", _json(drawn.searches))) if drawn.charts else ()
    return (
        _templates()
        .get_template("page.html")
        .render(
            title=", ".join(record.id for record in records),
            policy=_policy(scripts, drawn.charts.values()),
            style=_as_it_is(_read("page.css")),
            together=together,
            runs=views,
            values=values,
            scripts=[_as_it_is(script) for script in scripts],
        )
    )


def charts(records: Sequence[Record]) -> tuple[Chart, ...]:
    """Return every chart of the page, for writing them to files."""
    drawn = Drawn()
    _views(records, drawn)
    return tuple(drawn.charts.values())


def _views(records: Sequence[Record], drawn: Drawn) -> tuple[list[Place] | None, list[RunView | SweepView]]:
    together = _together(records, drawn) if len(records) > 1 else None
    return together, [sweep_view(one, drawn) if isinstance(one, Sweep) else run_view(one, drawn) for one in records]


def _together(records: Sequence[Record], drawn: Drawn) -> list[Place]:
    """All approaches in one picture."""
    rates = [rate for record in records for rate in rates_of(record)]
    if len(rates) < 2:
        return []
    return [drawn.place(rate_chart(rates, "approaches", "all approaches: accuracy against speed"))]


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _policy(scripts: Sequence[str], drawn: Any) -> str:
    """Return the page's Content-Security-Policy (W3C, CSP level 3)."""
    allowed = [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]
    if any(trace.get("type") in FUNCTION_MAKERS for chart in drawn for trace in chart.data):
        allowed.append("'unsafe-eval'")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(allowed) or chr(39) + 'none' + chr(39)}",
            "style-src 'unsafe-inline'",  # plotly.js sets styles; they run nothing
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
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


def _as_it_is(text: str) -> Markup:
    """Mark text of ours as not to be escaped."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own files, and plotly's


def _json(value: Any) -> Markup:
    """Write values for the page's script, so that no value ends the element that holds them."""
    from drawplate.store.plain import plain

    text = json.dumps(plain(value), separators=(",", ":"), allow_nan=False)
    return _as_it_is(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
