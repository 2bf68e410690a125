# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""What a choice of bit widths costs, differentiable between whole numbers: bit operations, or a target's own metric.

Of a target the price is probed: the model is written with the same width of all weights and the same of all
activations, for every pair of a few widths, and taken through the steps to the target's estimate.  Each layer's part is
then interpolated bilinearly in the width of its weights and of its input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import torch
from attrs import field, frozen
from torch import Tensor

from drawplate import DrawplateError, FlowError, Form, Job
from drawplate.count import macs_by_layer
from drawplate_quant_finn.bits.widths import open_widths
from drawplate_quant_finn.graph import Graph, is_quantizer, weighted_nodes

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    from drawplate import Artifact

POINTS: Final = (2, 4, 6, 8)
"""Widths that a target's price is probed at."""
OPERATIONS: Final = "bops"
Widths = Mapping[str, Tensor]
"""By gene."""


@frozen
class Part:
    """One layer with weights."""

    weights: str | None
    """Gene of its weights; None where they have a width that stays."""
    input: str | None
    """Gene of its input; of a first layer that of its output."""
    table: Tensor = field(repr=False, eq=False)
    """Cost at :data:`POINTS`, by width of weights and of the input."""


@frozen
class Price:
    """The cost of a whole network."""

    parts: tuple[Part, ...]
    rest: Tensor = field(repr=False, eq=False)
    """What no layer with weights costs, at :data:`POINTS` of all activations."""
    activations: tuple[str, ...]

    def of(self, widths: Widths) -> Tensor:
        """Return the cost at any widths, a scalar with a gradient."""
        total = torch.zeros(())
        for part in self.parts:
            total = total + _between(part.table, _width(widths, part.weights), _width(widths, part.input))
        if self.activations:
            mean = torch.stack([widths[name] for name in self.activations]).mean()
            total = total + _between(self.rest[None].expand(len(POINTS), -1), torch.tensor(float(POINTS[0])), mean)
        return total


def _width(widths: Widths, name: str | None) -> Tensor:
    return widths[name] if name is not None else torch.tensor(float(POINTS[-1]))


def _between(table: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Interpolate a table bilinearly, and go on in a straight line beyond its ends."""
    (low, across), (left, along) = _cell(first), _cell(second)
    below = table[low, left] * (1 - along) + table[low, left + 1] * along
    above = table[low + 1, left] * (1 - along) + table[low + 1, left + 1] * along
    return below * (1 - across) + above * across


def _cell(width: Tensor) -> tuple[int, Tensor]:
    value = float(width.detach())
    place = max(0, min(len(POINTS) - 2, sum(value >= point for point in POINTS) - 1))
    return place, (width - POINTS[place]) / (POINTS[place + 1] - POINTS[place])


def genes_of(graph: Graph, names: Mapping[str, str]) -> list[tuple[NodeProto, str | None, str | None]]:
    """Return every layer with weights, the gene of its weights, and that of its input.

    Args:
        graph: of the QONNX model.
        names: gene by the name of a quantizer.
    """
    makers, found = graph.makers(), []
    for node in weighted_nodes(graph.proto):
        weights = makers.get(node.input[1])
        while weights is not None and not is_quantizer(weights):
            weights = makers.get(weights.input[0])
        before = makers.get(graph.source(node.input[0]))
        while before is not None and not is_quantizer(before):
            before = makers.get(graph.source(before.input[0])) if before.input else None
        genes = [names.get(maker.name) if maker is not None else None for maker in (weights, before)]
        found.append((node, genes[0], genes[1]))
    return found


def bit_operations(proto: ModelProto, names: Mapping[str, str]) -> Price:
    """Return the price in bit operations: products of bits of weights and input, summed over multiply-accumulates."""
    points = torch.tensor(POINTS, dtype=torch.float32)
    macs = dict(macs_by_layer(proto))
    products, layers = points[:, None] * points[None], genes_of(Graph(proto), names)
    parts = [Part(w, a, (macs.get(node.name) or 0) * products) for node, w, a in layers]
    return Price(tuple(parts), torch.zeros(len(POINTS)), ())


def probed(model: Artifact, names: Mapping[str, str], cost: str, steps: Sequence[Mapping[str, Any]], job: Job) -> Price:
    """Return the price in a metric of a target, probed through the steps that lead to it."""
    proto, space = model.proto(), open_widths(model)
    layers = genes_of(Graph(proto), names)
    weights = {gene for _, gene, _ in layers if gene}
    acts = tuple(gene for gene in space.widths if gene not in weights)
    size = len(POINTS)
    tables, rest = torch.zeros(len(layers), size, size), torch.zeros(size, size)
    with job.progress(f"{job.step}: prices", size**2) as bar:
        for row, w in enumerate(POINTS):
            for column, a in enumerate(POINTS):
                genome = {gene: w if gene in weights else a for gene in space.widths}
                made = space.express(genome, model, job).model
                whole, each = _measured(made, cost, steps, job)
                own = each if len(each) == len(layers) else [whole / len(layers)] * len(layers)
                tables[:, row, column] = torch.tensor(own)
                rest[row, column] = whole - sum(own)
                bar.advance(1)
    after = [gene for _, _, gene in layers[1:]] + [None]
    parts = [
        Part(w, a if a is not None else next_a, table)
        for (_, w, a), next_a, table in zip(layers, after, tables, strict=True)
    ]
    return Price(tuple(parts), rest.mean(0), acts)


def _measured(model: Artifact, cost: str, steps: Sequence[Mapping[str, Any]], job: Job) -> tuple[float, list[float]]:
    """Return a metric of the whole network, and of its layers with weights in order."""
    step, _, metric = cost.partition(".")
    for table in steps:
        options = {key: value for key, value in table.items() if key not in {"use", "only"}}
        outcome = job.run(table["use"], model, options=options, verbs=tuple(table.get("only", ())))
        if outcome.artifact is not None and outcome.artifact.form in {Form.QONNX, Form.DATAFLOW}:
            model = outcome.artifact
        if table["use"] == step:
            whole = next((found.value for found in outcome.metrics if found.name == metric and not found.layer), None)
            if whole is None:
                raise FlowError(f"{step} gives no {metric!r}", where="option 'cost'")
            each = [found.value for found in outcome.metrics if found.name == metric and found.layer]
            names = [found.layer for found in outcome.metrics if found.name == metric and found.layer]
            matrices = [value for name, value in zip(names, each, strict=True) if str(name).startswith("MVAU")]
            return float(whole), [float(value) for value in matrices]
    raise DrawplateError(f"no probe step is {step!r}", where="option 'cost'", hint="add it to [[step.probe]]")
