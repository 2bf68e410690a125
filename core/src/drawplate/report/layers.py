# SPDX-License-Identifier: Apache-2.0
"""The table of a step's figures by layer, with bars for what each takes of the whole."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from drawplate.report.figures import format_metric, format_value
from drawplate.report.markup import ADDED, bars

Record = Mapping[str, Any]
LAYERS = "layers"
"""Name of the table in which a step records what its layers are."""


def layer_table(outcome: Record, step: str) -> str:
    """Write the table; nothing where the step has no figures by layer.

    What a step recorded of its layers (table ``layers``: bits, PE, SIMD) comes first, then the metrics by layer.
    """
    layers: dict[str, dict[str, Record]] = {}
    for metric in outcome["metrics"]:
        if "layer" in metric:
            layers.setdefault(metric["layer"], {})[metric["name"]] = metric
    if not layers:
        return ""
    facts = {row["layer"]: row for row in outcome.get("tables", {}).get(LAYERS, ())}
    known = [name for name in dict.fromkeys(name for row in facts.values() for name in row) if name != "layer"]
    names = list(dict.fromkeys(name for found in layers.values() for name in found))
    sums = {
        name: sum(found[name]["value"] for found in layers.values() if name in found) for name in names if name in ADDED
    }
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in ("layer", *known, *names))
    body = "".join(
        f'<tr><th scope="row">{html.escape(layer)}</th>'
        + "".join(f"<td>{html.escape(format_value(facts.get(layer, {}).get(name)))}</td>" for name in known)
        + "".join(_cell(found.get(name), sums.get(name, 0.0)) for name in names)
        + "</tr>"
        for layer, found in layers.items()
    )
    label = html.escape(f"{step}, by layer")
    return (
        f'<h3>By layer</h3><div class="wide" role="region" aria-label="{label}" tabindex="0"><table class="layers">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(metric: Record | None, whole: float) -> str:
    if metric is None:
        return "<td></td>"
    text = format_metric(metric)
    return bars(text, metric["value"] / whole) if whole > 0 else f"<td>{html.escape(text)}</td>"
