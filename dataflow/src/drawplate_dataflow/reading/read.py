# SPDX-License-Identifier: Apache-2.0
"""Read a DATAFLOW graph (FINN's hardware layers) into a network of plain integers, without FINN.

The meaning of each layer is that of its documentation in FINN (https://finn.readthedocs.io) and of its execution in
FINN's Python; the tests compare with accumulators that FINN computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import define, evolve, field, frozen
from onnx import GraphProto, ModelProto

from drawplate.artifact import Artifact
from drawplate.errors import ModelError, nearest
from drawplate_dataflow.network import INPUT, Layer, Network, Scale, Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Constants, Node, annotated_type, constants, read_node
from drawplate_dataflow.network.types import IntType
from drawplate_dataflow.reading.kinds import known_kinds

CHANNELS_LAST = [0, 2, 3, 1]


@frozen(kw_only=True)
class Reading:
    """A network, and where it comes from."""

    network: Network
    senders: Mapping[str, str]
    """By tensor of the graph: the layer that sends it, or ``input``."""


def read(model: Artifact | ModelProto, kinds: Mapping[str, Any] | None = None) -> Network:
    """Read a DATAFLOW artifact or its model.

    Args:
        model: the model.
        kinds: kinds of layers, as ``job.contributions("dataflow_layers")`` gives them; None for those of all installed
            plugins.

    Raises:
        ModelError: when the graph holds something that is not an integer layer, by the node's name.
    """
    return reading(model, kinds).network


def reading(model: Artifact | ModelProto, kinds: Mapping[str, Any] | None = None) -> Reading:
    """Read a network, and which layer sends each tensor; see :func:`read`."""
    proto = model if isinstance(model, ModelProto) else model.proto()
    reader = _Reader(proto.graph, constants(proto.graph), known_kinds(kinds))
    for node in proto.graph.node:
        reader.take(read_node(node))
    digest = "" if isinstance(model, ModelProto) else model.digest
    return Reading(network=reader.network(proto.graph.name or "network", digest), senders=reader.context.senders)


@define
class _Reader:
    """Walks a graph in order; tensors map to the layers that send them."""

    graph: GraphProto
    known: Constants
    kinds: Mapping[str, type[Layer]]
    context: Context = field(init=False)
    layers: list[Layer] = field(factory=list)
    scale: Scale | None = None
    input: Stream = field(init=False)
    dims: list[int] = field(init=False)
    transposed: bool = False

    def __attrs_post_init__(self) -> None:
        value = self.graph.input[0]
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim][1:]
        kind = annotated_type(self.graph, value.name) or self._first_type(value.name)
        self.input = Stream(shape=(1, 1, int(np.prod(dims))), type=kind)
        self.context = Context(self.known, {value.name: INPUT}, {INPUT: self.input})
        self.dims = dims

    def _first_type(self, tensor: str) -> IntType:
        for proto in self.graph.node:
            node = read_node(proto)
            if tensor in node.inputs and "inputDataType" in node.attributes:
                return node.type("inputDataType")
            if tensor in node.inputs:
                tensor = node.outputs[0]
        raise ModelError("the data type of the input is not known", where=f"input {self.graph.input[0].name}")

    def take(self, node: Node) -> None:
        """Read one node."""
        source = next((self.context.senders[name] for name in node.inputs if name in self.context.senders), None)
        if source is None:
            raise ModelError("reads nothing that comes from the input", where=node.where)
        if node.kind in {"Reshape", "Flatten", "Identity", "DuplicateStreams", "Squeeze", "Unsqueeze"}:
            self._reshape(node, source)
        elif node.kind == "Transpose":
            self._transpose(node, source)
        elif node.kind in {"Mul", "Add"}:
            self._scale(node, source)
        elif node.kind in self.kinds:
            self._layer(node)
        else:
            raise ModelError(
                f"no integer layer is known for the operator {node.kind}",
                where=node.where,
                allowed=sorted(self.kinds),
                meant=nearest(node.kind, self.kinds),
                hint="lower the network to DATAFLOW first",
            )

    def _reshape(self, node: Node, source: str) -> None:
        """Pass over a node that only says another shape; a line of pixels at the input is an image of one column."""
        target = self.known.arrays.get(node.inputs[1]) if node.kind == "Reshape" else None
        if source == INPUT and target is not None and len(target) == 4 and not self.transposed:
            self.dims = [int(size) for size in target[1:]]
        self.context.senders |= dict.fromkeys(node.outputs, source)

    def _transpose(self, node: Node, source: str) -> None:
        order = list(node.attributes.get("perm", []))
        shape = self.context.streams[source].shape
        if source == INPUT and order == CHANNELS_LAST and len(self.dims) == 3:
            channels, height, width = self.dims
            self.transposed = True
            self.input = evolve(self.input, shape=(height, width, channels))
            self.context.streams[INPUT] = self.input
        elif shape[0] * shape[1] != 1:
            raise ModelError(f"a Transpose {order} between layers cannot be streamed", where=node.where)
        self.context.senders[node.outputs[0]] = source

    def _scale(self, node: Node, source: str) -> None:
        """Fold what is left in floating point behind the last layer into one scale and bias."""
        name = next(name for name in node.inputs if name not in self.context.senders)
        factor = np.asarray(self.known.arrays[name], np.float64).reshape(-1)
        before = self.scale or Scale(scale=np.ones(1), bias=np.zeros(1))
        if node.kind == "Mul":
            self.scale = Scale(scale=before.scale * factor, bias=before.bias * factor)
        else:
            self.scale = Scale(scale=before.scale, bias=before.bias + factor)
        self.context.senders[node.outputs[0]] = source

    def _layer(self, node: Node) -> None:
        if self.scale is not None:
            raise ModelError("follows an operator in floating point", where=node.where)
        layer = self.kinds[node.kind].read(node, self.context)
        if layer is not None:
            layer = evolve(layer, origin=node.text("layer"))
            self.layers.append(layer)
            self.context.streams[layer.name] = layer.output
            self.context.senders |= dict.fromkeys(node.outputs, layer.name)

    def network(self, name: str, source: str) -> Network:
        """Return what was read."""
        if not self.layers:
            raise ModelError("the graph holds no integer layer", hint="lower the network to DATAFLOW first")
        if self.context.pending:
            raise ModelError(f"a depthwise window without a Pool behind it: {sorted(self.context.pending)}")
        sent = self.context.senders[self.graph.output[0].name]
        if sent != self.layers[-1].name:
            raise ModelError("the output is not that of the last layer", where=f"output {self.graph.output[0].name}")
        read = {name for layer in self.layers for name in layer.inputs}
        for layer in self.layers[:-1]:
            if layer.name not in read:
                raise ModelError("no layer reads its output", where=f"layer {layer.said}", hint="remove the layer")
        return Network(
            name=name,
            input=self.input,
            layers=tuple(self.layers),
            scale=self.scale,
            source=source,
            channels_first=self.transposed,
        )
