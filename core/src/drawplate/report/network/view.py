# SPDX-License-Identifier: Apache-2.0
"""The network of a run: the models that its store still has, drawn; weights and activations, counted."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact, Form
from drawplate.errors import DrawplateError
from drawplate.report.network.drawing import Network, draw_network
from drawplate.report.network.histograms import Histogram, histograms
from drawplate.report.record import Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXAMPLES = 256
"""Of the test split, that activations are counted on."""
LARGEST = 200_000_000
"""Bytes of a model beyond which it is not drawn."""


@frozen(kw_only=True)
class NetworkView:
    """One model as a graph, another one's values: hardware has no float activations to count."""

    step: str
    drawing: Network
    counted: str
    """Step whose model is counted; empty where nothing is."""
    said: str
    histograms: Sequence[Histogram]


def network_view(record: Run) -> NetworkView | None:
    """Draw the last model of a run; None where the store no longer has it."""
    models = [(step.name, step.outcome.artifact) for step in record.steps]
    models = [(name, model) for name, model in models if _here(model)]
    if not models:
        return None
    step, last = models[-1]
    drawing = draw_network(last.proto())
    if drawing is None:
        return None
    counted = next(((name, model) for name, model in reversed(models) if model.form != Form.DATAFLOW), None)
    if counted is None or find_spec("torch") is None:
        return NetworkView(step=step, drawing=drawing, counted="", said="", histograms=())
    x = _inputs(record)
    try:
        found = histograms(counted[1].proto(), x)
    except (DrawplateError, KeyError, RuntimeError):  # of a plugin that is not here, or of operators that nobody runs
        found = []
    said = f"activations on the first {len(x)} test examples" if x is not None else "no data here: weights only"
    return NetworkView(step=step, drawing=drawing, counted=counted[0], said=said, histograms=found)


def _here(model: Artifact) -> bool:
    return model.path.is_file() and model.path.stat().st_size <= LARGEST


def _inputs(record: Run) -> NDArray[Any] | None:
    """Return test examples as models take them, if the data are still those of the run."""
    from drawplate.data import read_data_table
    from drawplate.plugins import contributions

    table = record.flow.get("data")
    if table is None or record.data is None:
        return None
    try:
        dataset = read_data_table({**table, "download": False}, contributions("datasets"))
    except DrawplateError:
        return None
    if dataset.digest != record.data.digest:
        return None
    return dataset.normalisation.apply(dataset.splits["test"].first(EXAMPLES).x)
