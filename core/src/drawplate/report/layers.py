# SPDX-License-Identifier: Apache-2.0
"""The table of a step's figures by layer, with bars for what each takes of the whole."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from drawplate.report.grids import Layers, layers_of
from drawplate.report.markup import ADDED, bars

Record = Mapping[str, Any]


def layer_table(outcome: Record, step: str) -> str:
    """Write the table, what is known of each layer before its figures; nothing where there is nothing by layer."""
    layers = layers_of(outcome)
    if layers is None:
        return ""
    sums = {
        name: sum(found[name]["value"] for found in layers.metrics.values() if name in found)
        for name in layers.measured
        if name in ADDED
    }
    head = "".join(
        f'<th scope="col">{html.escape(name)}</th>'
        for name in ("layer", *layers.known, *map(layers.head, layers.measured))
    )
    body = "".join(
        f'<tr><th scope="row">{html.escape(layer)}</th>'
        + "".join(f"<td>{html.escape(layers.fact(layer, name))}</td>" for name in layers.known)
        + "".join(_cell(layers, layer, name, sums.get(name, 0.0)) for name in layers.measured)
        + "</tr>"
        for layer in layers.names
    )
    label = html.escape(f"{step}, by layer")
    return (
        f'<h3>By layer</h3><div class="wide" role="region" aria-label="{label}" tabindex="0"><table class="layers">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(layers: Layers, layer: str, name: str, whole: float) -> str:
    text, metric = layers.figure(layer, name), layers.metrics.get(layer, {}).get(name)
    return bars(text, metric["value"] / whole) if metric and whole > 0 else f"<td>{html.escape(text)}</td>"
