# SPDX-License-Identifier: Apache-2.0
"""Which layer binds, and which takes most: a row of bars per figure that a step has by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from drawplate.metric import Metric
from drawplate.outcome import Outcome
from drawplate.report.figures import format_bare, format_number, scale_of
from drawplate.report.grids import Layers, layers_of

SLOWEST: Final = ("cycles",)
"""Of a pipeline: the layer with the most of it sets the rate."""
SHARED: Final = ("lut", "bram18", "dsp", "ff", "energy_uj", "nce_cycles", "latency_ms", "bytes", "macs")
"""What layers take of a whole."""
WITH_FEWEST: Final = 2
"""One layer alone is no chart."""


@frozen(kw_only=True)
class Bar:
    """One layer's."""

    layer: str
    text: str
    length: float
    """Of the longest bar, from 0 to 100."""
    binds: bool


@frozen(kw_only=True)
class Bars:
    """One figure over all layers."""

    title: str
    caption: str
    bars: tuple[Bar, ...]


def bars_of(outcome: Outcome) -> tuple[Bars, ...]:
    """Return the charts of a step's layers; none where it has no figures by layer."""
    layers = layers_of(outcome)
    if layers is None:
        return ()
    return tuple(_charts(layers))


def _charts(layers: Layers) -> Iterator[Bars]:
    for name in (*SLOWEST, *SHARED):
        found = {layer: layers.metrics[layer][name] for layer in layers.metrics if name in layers.metrics[layer]}
        if len(found) >= WITH_FEWEST and max(metric.value for metric in found.values()) > 0:
            yield _bars(name, found)


def _bars(name: str, found: dict[str, Metric]) -> Bars:
    first = next(iter(found.values()))
    top, whole = max(metric.value for metric in found.values()), sum(metric.value for metric in found.values())
    binding = [layer for layer, metric in found.items() if metric.value == top]
    unit, one = scale_of(first.unit, [top])
    slowest = name in SLOWEST
    sources = ", ".join(dict.fromkeys(metric.source for metric in found.values()))
    if slowest:
        caption = f"{', '.join(binding[:3])} {'binds' if len(binding) == 1 else 'bind'}; {sources}"
    else:
        caption = f"{binding[0]} takes {top / whole:.0%} of {format_number(whole / one)} {unit}; {sources}"
    return Bars(
        title="cycles per frame" if name == "cycles" else name,
        caption=caption,
        bars=tuple(
            Bar(
                layer=layer,
                text=format_bare(metric, unit, one) + ("" if slowest else f" ({metric.value / whole:.0%})"),
                length=100 * metric.value / top,
                binds=slowest and layer in binding,
            )
            for layer, metric in found.items()
        ),
    )
