# SPDX-License-Identifier: Apache-2.0
"""Search space ``bits`` of a quantized model: other bit widths for the quantizers that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate import Artifact, Form, Job, ModelError
from drawplate.graph.facts import DEFAULTS
from drawplate.search import Expression, Gene, Genome, Integer
from drawplate_quant_finn.graph import Graph, attribute, is_quantizer, prepare
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.lowering.streams.input import input_quantizer
from drawplate_quant_finn.quantizing.surgery import constant, constant_array

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

LEAST, MOST = 2, 8
"""A sign is another operator, with another scale: what has one bit keeps it, and nothing becomes it."""


@frozen(kw_only=True)
class WidthSpace:
    """A :class:`~drawplate.search.Space` of the bit widths in a QONNX model."""

    widths: Mapping[str, int]
    """By gene, the model's own: ``QUANTIZER.bits``; quantizers that read one scale are one gene, the first's."""

    @property
    def genes(self) -> Mapping[str, Gene]:
        """One per quantizer."""
        return {name: Integer(LEAST, MOST) for name in self.widths}

    @property
    def baseline(self) -> Genome:
        """The model as it is."""
        return {name: min(max(bits, LEAST), MOST) for name, bits in self.widths.items()}

    def repair(self, genome: Genome) -> Genome:
        """Every combination is legal."""
        return genome

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:
        """Write other bit widths; each scale is changed so that the largest code stands for the same number."""
        proto = model.proto()
        prepare(proto)
        graph = Graph(proto)
        for nodes in groups(graph):
            change_width(graph, nodes, int(genome[f"{nodes[0].name}.bits"]))
        return Expression(model=job.save(proto, Form.QONNX, (model,)))


def open_widths(model: Artifact) -> WidthSpace:
    """Find the quantizers whose width may be another.

    Raises:
        ModelError: when there is none.
    """
    proto: ModelProto = model.proto()
    prepare(proto)
    graph = Graph(proto)
    widths = {f"{nodes[0].name}.bits": width_of(graph, nodes[0]) for nodes in groups(graph)}
    if not widths:
        raise ModelError(
            "has no Quant node of one constant bit width",
            where="space 'bits'",
            hint="let the search start before quantize, with a float model",
        )
    return WidthSpace(widths=widths)


def groups(graph: Graph) -> Iterator[list[NodeProto]]:
    """Yield the quantizers that may change, together where they read one scale that is given."""
    arrays, found, entry = graph.arrays(), dict[str, list[Any]](), input_quantizer(graph)
    for node in graph.nodes:
        bits = arrays.get(node.input[3]) if is_quantizer(node) and len(node.input) == 4 else None
        if bits is None or bits.size != 1 or (entry is not None and node.name == entry.name):
            continue
        if not 2 <= float(bits.reshape(-1)[0]) <= MOST:
            continue
        found.setdefault(node.input[1] if node.input[1] in arrays else node.name, []).append(node)
    yield from found.values()


def width_of(graph: Graph, node: NodeProto) -> int:
    """Return the bits of a quantizer."""
    return int(graph.arrays()[node.input[3]].reshape(-1)[0])


def _grid(node: NodeProto, bits: int) -> Grid:
    signed, narrow = (bool(attribute(node, name, DEFAULTS["Quant"][name])) for name in ("signed", "narrow"))
    return Grid(bits, signed, narrow)


def change_width(graph: Graph, nodes: list[NodeProto], bits: int) -> None:
    """Give quantizers of one scale another width, and the scale with which the largest code is what it was."""
    import numpy as np
    from onnx import helper

    before = width_of(graph, nodes[0])
    if before == bits and all(width_of(graph, node) == bits for node in nodes):
        return
    arrays, scale = graph.arrays(), nodes[0].input[1]
    ratio = np.float32(_grid(nodes[0], before).high / max(1, _grid(nodes[0], bits).high))
    if scale in arrays and scale in {tensor.name for tensor in graph.proto.graph.initializer}:
        name = graph.add_array(f"{nodes[0].name}.scale", (arrays[scale] * ratio).astype(np.float32))
    elif scale in arrays:
        name = graph.fresh(f"{nodes[0].name}.scale")
        graph.insert_before(nodes[0], [constant_array(name, arrays[scale] * ratio)])
    else:
        factor, name = (graph.fresh(f"{nodes[0].name}.{word}") for word in ("share", "scale"))
        product = helper.make_node("Mul", [scale, factor], [name], name=name)
        graph.insert_before(nodes[0], [constant(factor, float(ratio)), product])
    width = graph.add_array(f"{nodes[0].name}.bits", np.asarray(bits, dtype=np.float32))
    for node in nodes:
        node.input[1], node.input[3] = name, width
