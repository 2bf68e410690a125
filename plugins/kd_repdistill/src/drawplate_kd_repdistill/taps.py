# SPDX-License-Identifier: Apache-2.0
"""Where a graph is tapped: one value per resolution stage, and the classifier's input, by ONNX value name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.errors import ModelError, nearest
from drawplate_kd_repdistill.graph import Graph
from drawplate_kd_repdistill.method import MapShape

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class Stage:
    """One tapped map."""

    value: str
    """ONNX value after the activation."""
    before: str
    """ONNX value before it; the same where there is none."""
    shape: MapShape
    """Channels, height, width; a vector is a map of 1 x 1."""

    def __str__(self) -> str:
        return f"{self.value} [{'x'.join(map(str, self.shape))}]"


@frozen(kw_only=True)
class Taps:
    """Everything that methods may look at in one network."""

    logits: str
    classes: int
    embedding: str
    """Input of the classifier, the last Gemm, MatMul or Conv."""
    width: int
    """Length of the embedding."""
    stages: tuple[Stage, ...]
    """From the input on."""
    skipped: tuple[str, ...] = ()
    """Resolutions without a stage of their own, and why, for a reader of the plan."""


def find_taps(model: ModelProto) -> Taps:
    """Tap the last activation at every spatial size above 1 x 1, or every hidden layer where there is none.

    Raises:
        ModelError: when the graph has no classifier of known shape.
    """
    graph = Graph(model)
    stages, skipped = _resolution_stages(graph)
    embedding = graph.classifier_input()
    return Taps(
        logits=graph.output,
        classes=graph.length(graph.output),
        embedding=embedding,
        width=graph.length(embedding),
        stages=stages or _hidden_layers(graph),
        skipped=skipped,
    )


def named_stages(model: ModelProto, values: Sequence[str], where: str) -> tuple[Stage, ...]:
    """Tap the values that a flow names.

    Raises:
        ModelError: for a value that the graph has not, or that is no map and no vector.
    """
    graph = Graph(model)
    return tuple(_stage(graph, _known(graph, value, where)) for value in values)


def named_embedding(model: ModelProto, value: str, where: str) -> tuple[str, int]:
    """Tap the embedding that a flow names: its value and length."""
    graph = Graph(model)
    return value, graph.length(_known(graph, value, where))


def _known(graph: Graph, value: str, where: str) -> str:
    if value not in graph.shapes:
        raise ModelError(
            f"there is no value {value!r} that depends on the input and has a known shape",
            where=where,
            meant=nearest(value, graph.shapes),
            hint="drawplate plan shows the values that are tapped without a map",
        )
    return value


def _stage(graph: Graph, value: str) -> Stage:
    channels, *size = graph.shapes[value]
    if len(size) not in (0, 2):
        raise ModelError(f"has shape {graph.shapes[value]}", where=f"value {value}", allowed="a map or a vector")
    height, width = size or (1, 1)
    return Stage(value=value, before=graph.before_activation(value), shape=(channels, height, width))


def _resolution_stages(graph: Graph) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    by_size: dict[tuple[int, ...], list[str]] = {}
    for value, shape in graph.shapes.items():
        if len(shape) == 3 and shape[1:] != (1, 1) and value not in graph.raw:
            by_size.setdefault(shape[1:], []).append(value)
    stages, skipped = [], []
    for size, values in by_size.items():
        active = [value for value in values if graph.is_active(value)]
        if active:
            stages.append(_stage(graph, active[-1]))
        elif any(not graph.is_view(value) for value in values):
            skipped.append(f"{size[0]}x{size[1]} has no activation, so no stage")
    return tuple(stages), tuple(skipped)


def _hidden_layers(graph: Graph) -> tuple[Stage, ...]:
    active: Mapping[str, None] = {
        value: None for value, shape in graph.shapes.items() if len(shape) == 1 and graph.is_active(value)
    }
    return tuple(_stage(graph, value) for value in active if not graph.feeds_only_activation(value))
