# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Equalization of channels across two layers, by Brevitas: of weights, or of weights and activations.

What comes out of a layer may be divided by a number per channel, and the next layer's weights multiplied by it: where
only ReLU lies between, the model computes the same, and its channels use the grids evenly.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from attrs import frozen
from brevitas.graph.equalize import EqualizationIndexes, Region, _cross_layer_equalization
from onnx import numpy_helper
from torch import Tensor, nn

from drawplate_quant_finn.graph import Graph, attribute, weight_of
from drawplate_quant_finn.posttraining.taps import Taps

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

ITERATIONS = 10
THROUGH = frozenset({"Relu", "MaxPool", "AveragePool", "GlobalAveragePool", "Dropout"})
"""What passes a positive factor per channel on."""


@frozen
class Pair:
    """A layer whose channels are divided, and the one whose weights are multiplied."""

    source: NodeProto
    sink: NodeProto


def equalized(proto: ModelProto, how: str, items: Tensor) -> int:
    """Equalize every pair of layers with nothing but ReLU and pools between, in place.

    Args:
        proto: a float model.
        how: ``weights``, or ``activations`` for factors that even out what is rounded between the layers, too.
        items: calibration items, float32 (n, ...).

    Returns:
        how many pairs there were.
    """
    graph = Graph(proto)
    pairs = [pair for pair in _pairs(graph) if _fits(_module(graph, pair.source), _module(graph, pair.sink))]
    for _ in range(ITERATIONS if how == "weights" else 1):
        for pair in pairs:
            source, sink = _module(graph, pair.source), _module(graph, pair.sink)
            largest = _largest(Taps(proto, items), pair.sink.input[0]) if how == "activations" else None
            _equalize(source, sink, largest)
            _write(graph, pair.source, source)
            _write(graph, pair.sink, sink)
    return len(pairs)


def _equalize(source: Any, sink: Any, largest: Tensor | None) -> None:
    names = {"source": source, "sink": sink}
    all_of_it = EqualizationIndexes(0, _channels(source), 0)
    region = Region.from_dicts({"source": all_of_it}, {"sink": all_of_it}, names)
    # Brevitas' EqualizeGraph and its activation form are this function on what they find in an fx graph.
    _cross_layer_equalization(
        nn.ModuleDict(names),
        region,
        merge_bias=False,
        scale_computation_type="maxabs",
        list_of_act_val=None if largest is None else [largest],
    )


def _largest(taps: Taps, value: str) -> Tensor:
    """Return the largest magnitude of each channel, shape (channels,)."""
    each = [batch.abs().transpose(0, 1).flatten(1).amax(1) for batch in taps.values(value)]
    return torch.stack(each).amax(0)


def _pairs(graph: Graph) -> Iterator[Pair]:
    makers = graph.makers()
    for sink in graph.nodes:
        if weight_of(graph, sink) is None:
            continue
        value = sink.input[0]
        while len(graph.readers(value)) == 1 and (maker := makers.get(value)) is not None and maker.op_type in THROUGH:
            value = maker.input[0]
        maker = makers.get(value)
        if maker is None or len(graph.readers(value)) != 1:
            continue
        if maker.op_type == "BatchNormalization" or weight_of(graph, maker) is not None:
            yield Pair(maker, sink)


def _module(graph: Graph, node: NodeProto) -> Any:
    """Return a torch layer with a node's numbers; None for one with groups."""
    arrays = graph.arrays()
    tensors = [torch.from_numpy(np.array(arrays[name])) if name in arrays else None for name in node.input]
    if node.op_type == "BatchNormalization":
        norm = nn.BatchNorm2d(len(tensors[1]), eps=attribute(node, "epsilon", 1e-5))  # type: ignore[arg-type]
        norm.weight.data, norm.bias.data = tensors[1], tensors[2]  # type: ignore[assignment]
        return norm
    weights, bias = tensors[1], tensors[2] if len(tensors) > 2 else None
    if weights is None or attribute(node, "group", 1) != 1 or weights.ndim not in {2, 4}:
        return None
    if node.op_type != "Conv":
        weights = weights if attribute(node, "transB", 0) else weights.T
        made: Any = nn.Linear(weights.shape[1], weights.shape[0], bias=bias is not None)
    else:
        made = nn.Conv2d(
            weights.shape[1], weights.shape[0], (weights.shape[2], weights.shape[3]), bias=bias is not None
        )
    made.weight.data = weights.contiguous()
    if bias is not None:
        made.bias.data = bias.reshape(-1)
    return made


def _channels(module: Any) -> int:
    return int(module.weight.shape[0])


def _inputs(module: Any) -> int:
    return int(module.weight.shape[1])


def _fits(source: Any, sink: Any) -> bool:
    """Whether each channel of a layer is one input of the next."""
    return source is not None and sink is not None and _channels(source) == _inputs(sink)


def _write(graph: Graph, node: NodeProto, module: Any) -> None:
    """Put a layer's weights and bias back into the graph; statistics of BatchNormalization stay."""
    turned = node.op_type not in {"Conv", "BatchNormalization"} and not attribute(node, "transB", 0)
    given = {node.input[1]: module.weight.detach().T if turned else module.weight.detach()}
    if module.bias is not None:
        given[node.input[2]] = module.bias.detach()
    for tensor in graph.proto.graph.initializer:
        if tensor.name in given:
            array = np.ascontiguousarray(given[tensor.name].numpy(), np.float32)
            tensor.CopyFrom(numpy_helper.from_array(array.reshape(tuple(tensor.dims)), tensor.name))
