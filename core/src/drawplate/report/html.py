# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML page about runs, sweeps and searches: nothing on it is fetched from anywhere.

What stands on a page comes out of models, plugins and flows.  The templates escape all of it, and the page's policy
lets a browser run the page's two scripts, which it knows by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.report.charts import Chart
from drawplate.report.charts.rates import rate_chart
from drawplate.report.gather import rates_of
from drawplate.report.links import Links
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


def page(records: Sequence[Record], beside: Path | None = None, *, again: int = 0) -> str:
    """Write the page.

    Args:
        records: of runs and sweeps.
        beside: the folder that the page will lie in, from which it links the files of runs; without, it links none.
        again: seconds after which a browser loads it again; 0 for never.

    Raises:
        ToolMissing: when there is something to draw and plotly is not installed.
    """
    drawn = Drawn()
    together, views = _views(records, drawn, Links(beside))
    scripts = (_read("page.js"),) if drawn.charts else ()
    library = plotly_js() if drawn.charts else ""
    figures = {name: chart.figure() for name, chart in drawn.charts.items()}
    values = (("figures", _json(figures)), ("searches", _json(drawn.searches))) if drawn.charts else ()
    return (
        _templates()
        .get_template("page.html")
        .render(
            title=", ".join(str(record.flow.get("title") or record.id) for record in records),
            again=again,
            policy=_policy((*scripts, library) if library else scripts, drawn.charts.values()),
            style=_as_it_is(_read("page.css")),
            together=together,
            runs=views,
            values=values,
            scripts=[_as_it_is(script) for script in scripts],
            library=_as_it_is(_packed(library)) if library else "",
        )
    )


def charts(records: Sequence[Record]) -> tuple[Chart, ...]:
    """Return every chart of the page, for writing them to files."""
    drawn = Drawn()
    _views(records, drawn, Links(None))
    return tuple(drawn.charts.values())


def _views(
    records: Sequence[Record], drawn: Drawn, links: Links
) -> tuple[list[Place] | None, list[RunView | SweepView]]:
    together = _together(records, drawn) if len(records) > 1 else None
    views = [sweep_view(one, drawn) if isinstance(one, Sweep) else run_view(one, drawn, links) for one in records]
    return together, views


def _together(records: Sequence[Record], drawn: Drawn) -> list[Place]:
    """All approaches in one picture per data set and split: accuracies on others are not to be compared."""
    rates = [rate for record in records for rate in rates_of(record)]
    facets = list(dict.fromkeys(rate.judged for rate in rates))
    found = [(facet, [rate for rate in rates if rate.judged == facet]) for facet in facets]
    return [
        drawn.place(rate_chart(some, "approaches", f"all approaches on {facet}: accuracy against speed"))
        for facet, some in found
        if len(some) > 1
    ]


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
    return path.read_text(encoding="utf-8")


@cache
def _packed(script: str) -> str:
    """Pack a script for the page, whose own script unpacks it: a quarter of its size, and a third more for base64."""
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()


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
