# SPDX-License-Identifier: Apache-2.0
"""Where a network is quantized, and with how many bits.  Reads the graph, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.errors import FlowError, ModelError, nearest
from drawplate_quant_finn.graph import Graph, StillGraph, is_quantizer, opset, weight_of, weighted_nodes
from drawplate_quant_finn.grid import Grid, weight_grid
from drawplate_quant_finn.options import QuantizeOptions

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


class Range(StrEnum):
    """What is known of an activation's range."""

    POSITIVE = "positive"
    """Never negative: Relu and what is made of it."""
    UNIT = "unit"
    """-1..1: tanh, hard tanh."""
    UNIT_POSITIVE = "unit positive"
    """0..1: sigmoid."""
    ANY = "any"


ACTIVATIONS = {
    "Relu": Range.POSITIVE,
    "Tanh": Range.UNIT,
    "Sigmoid": Range.UNIT_POSITIVE,
    "LeakyRelu": Range.ANY,
    "Elu": Range.ANY,
    "Selu": Range.ANY,
    "Gelu": Range.ANY,
    "HardSwish": Range.ANY,
    "Softplus": Range.POSITIVE,
    "PRelu": Range.ANY,
}


@frozen
class WeightSite:
    """The weights of one layer."""

    layer: str
    weights: str
    """Name of the initializer."""
    grid: Grid
    channel_axis: int
    """Axis of the output channels."""


@frozen
class ActivationSite:
    """Values that one quantizer rounds, or several that share a scale, as before an addition."""

    layer: str
    """Name of the node behind which, or before which, it sits."""
    values: tuple[str, ...]
    readers: tuple[str, ...]
    """Names of the nodes that are to read the rounded values; empty for all."""
    grid: Grid
    range: Range


@frozen
class Sites:
    """Everything that is quantized, but for the input."""

    weights: tuple[WeightSite, ...]
    activations: tuple[ActivationSite, ...]


def find_sites(proto: ModelProto, options: QuantizeOptions) -> Sites:
    """Find all weights and activations of a named graph.

    Raises:
        ModelError: when there is nothing to quantize, or the model is too old.
        FlowError: for a pattern in ``layers`` that names nothing.
    """
    graph = StillGraph(proto)
    if opset(proto) < 11:
        raise ModelError(f"uses operator set {opset(proto)}", allowed="at least 11", hint="export it again")
    layers = list(weighted_nodes(proto))
    if not layers:
        raise ModelError("has no Conv, Gemm or MatMul with constant weights: nothing to quantize")
    activations = [node for node in graph.nodes if activation_range(graph, node) is not None]
    joins = [node for node in graph.nodes if _joins_streams(graph, node)]
    bits = _Bits(graph, options)
    found = [_activation(graph, node, bits) for node in activations]
    found += [_join(graph, node, bits) for node in joins]
    found += _unquantized_inputs(graph, layers, found, bits)
    _check_patterns(options, [*(node.name for node in layers), *(site.layer for site in found)])
    return Sites(tuple(_weights(graph, layers, bits)), tuple(found))


def activation_range(graph: Graph, node: NodeProto) -> Range | None:
    """Return the range of an activation function, None for any other node."""
    if node.domain:
        return None
    if node.op_type != "Clip":
        return ACTIVATIONS.get(node.op_type)
    arrays = graph.arrays()
    low, high = (float(arrays[name]) if name in arrays else None for name in (*node.input[1:3], "", "")[:2])
    if (low, high) == (-1, 1):
        return Range.UNIT
    return Range.POSITIVE if low is not None and low >= 0 else Range.ANY


class _Bits:
    """Bit widths by layer: the options, then the ends of the network, then the patterns."""

    def __init__(self, graph: Graph, options: QuantizeOptions) -> None:
        self.graph = graph
        self.options = options
        names = [node.name for node in weighted_nodes(graph.proto)]
        self.first, self.last = names[0], names[-1]
        self.before: dict[str, str] = {}

    def weights(self, layer: str) -> int:
        bits = self.options.weight_bits
        if layer == self.last and self.options.last_bits:
            bits = self.options.last_bits
        if layer == self.first and self.options.first_bits:
            bits = self.options.first_bits
        for pattern, said in self.options.layers.items():
            if said.weight_bits and fnmatchcase(layer, pattern):
                bits = said.weight_bits
        return bits

    def activations(self, node: NodeProto) -> int:
        bits = self.options.act_bits
        for pattern, said in self.options.layers.items():
            if said.act_bits and any(fnmatchcase(name, pattern) for name in (node.name, self._layer_before(node))):
                bits = said.act_bits
        return bits

    def _layer_before(self, node: NodeProto) -> str:
        """Walk up to the nearest layer with weights; what was found on an earlier walk is not walked again."""
        makers, passed = self.graph.makers(), list[str]()
        found, seen = "", node
        while True:
            if seen.name in self.before:
                found = self.before[seen.name]
                break
            if weight_of(self.graph, seen) is not None:
                found = seen.name
                break
            passed.append(seen.name)
            maker = makers.get(seen.input[0]) if seen.input else None
            if maker is None:
                break
            seen = maker
        self.before |= dict.fromkeys(passed, found)
        return found


def _weights(graph: Graph, layers: Iterable[NodeProto], bits: _Bits) -> list[WeightSite]:
    found: dict[str, WeightSite] = {}
    for node in layers:
        name = weight_of(graph, node)
        assert name is not None
        transposed = node.op_type == "Gemm" and any(a.name == "transB" and a.i for a in node.attribute)
        direct = node.input[1] == name
        axis = 0 if node.op_type == "Conv" or transposed or not direct else 1
        site = WeightSite(node.name, name, weight_grid(bits.weights(node.name)), axis)
        found.setdefault(name, site)
    return list(found.values())


def _activation(graph: Graph, node: NodeProto, bits: _Bits) -> ActivationSite:
    known = activation_range(graph, node)
    assert known is not None
    return ActivationSite(node.name, (node.output[0],), (), activation_grid(bits.activations(node), known), known)


def activation_grid(bits: int, known: Range) -> Grid:
    """Unsigned codes for what is never negative, symmetric ones otherwise, the sign at 1 bit."""
    if bits == 1:
        return Grid(1, signed=True)
    positive = known in {Range.POSITIVE, Range.UNIT_POSITIVE}
    return Grid(bits, signed=not positive, narrow=known is Range.UNIT)


def _joins_streams(graph: Graph, node: NodeProto) -> bool:
    arrays = graph.arrays()
    return node.op_type in {"Add", "Concat"} and not any(name in arrays for name in node.input)


def _join(graph: Graph, node: NodeProto, bits: _Bits) -> ActivationSite:
    """Both inputs of an addition need one common grid; a sign takes one more bit."""
    positive = all(_is_positive(graph, name) for name in node.input)
    wide = min(8, max(2, bits.activations(node) + (0 if positive else 1)))
    known = Range.POSITIVE if positive else Range.ANY
    return ActivationSite(node.name, tuple(node.input), (node.name,), Grid(wide, signed=not positive), known)


def _is_positive(graph: Graph, value: str) -> bool:
    maker = graph.makers().get(graph.source(value))
    while maker is not None and maker.op_type in {"GlobalAveragePool", "AveragePool"}:
        maker = graph.makers().get(graph.source(maker.input[0]))
    return maker is not None and activation_range(graph, maker) in {Range.POSITIVE, Range.UNIT_POSITIVE}


def _unquantized_inputs(
    graph: Graph, layers: Iterable[NodeProto], found: Iterable[ActivationSite], bits: _Bits
) -> list[ActivationSite]:
    """Inputs of layers that no activation function stands before: after a pooling average, a normalisation."""
    done = {value for site in found for value in site.values if not site.readers} | {graph.input}
    makers = graph.makers()
    sites = []
    for layer in layers:
        value = graph.source(layer.input[0])
        maker = makers.get(value)
        if value in done or maker is None or is_quantizer(maker) or _joins_streams(graph, maker):
            continue
        done.add(value)
        known = Range.POSITIVE if _is_positive(graph, value) else Range.ANY
        grid = activation_grid(bits.activations(maker), known)
        sites.append(ActivationSite(maker.name, (value,), (), grid, known))
    return sites


def _check_patterns(options: QuantizeOptions, names: list[str]) -> None:
    for pattern in options.layers:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise FlowError(
                f"{pattern!r} names no layer", where="option 'layers'", allowed=names, meant=nearest(pattern, names)
            )
