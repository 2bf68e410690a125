# SPDX-License-Identifier: Apache-2.0
"""Write quantizers into an ONNX graph; everything else in it stays as it is.

A scale that is trained is an initializer, and one that is fixed is a ``Constant`` node: training treats
initializers as parameters and needs to know nothing else.  A scale that follows the weights is computed in the graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate_quant_finn.graph import QONNX_DOMAIN, Graph
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.sites import ActivationSite, Range, WeightSite, activation_range
from drawplate_quant_finn.quantizing.weights import weight_scale_nodes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto


def quantize_weights(graph: Graph, site: WeightSite, options: QuantizeOptions) -> None:
    """Put a quantizer behind the weights of a layer."""
    readers = graph.readers(site.weights)
    output = graph.fresh(f"{site.weights}.quantized")
    scale, before = weight_scale_nodes(graph, site, options)
    node = quantizer(graph, site.grid, site.weights, scale, output)
    node.name = f"{site.layer}.weight_quant"
    graph.redirect(site.weights, output, readers)
    graph.insert_before(_first(graph, readers), [*before, node])


def quantize_activation(graph: Graph, site: ActivationSite, scale: float, options: QuantizeOptions) -> None:
    """Put quantizers of one common scale behind the values of a site."""
    before: list[NodeProto] = []
    fixed = options.act_scales == "fixed" or site.range in {Range.UNIT, Range.UNIT_POSITIVE} or site.grid.bipolar
    if fixed:
        name = graph.fresh(f"{site.layer}.scale")
        before.append(constant(name, scale))
    else:
        name = graph.add_array(f"{site.layer}.scale", _float(scale))
    for number, value in enumerate(_current(graph, site)):
        readers = [node for node in graph.readers(value) if not site.readers or node.name in site.readers]
        output = graph.fresh(f"{value}.quantized")
        node = quantizer(graph, site.grid, value, name, output)
        node.name = f"{site.layer}.act_quant" + (f"_{number}" if number else "")
        if not readers:  # the value is an output of the graph: it stays as it is, unless the flow names its layer
            if site.layer in options.layers and not site.grid.bipolar:
                _quantize_output(graph, value, [*before, node])
                before = []
            continue
        graph.redirect(value, output, readers)
        graph.insert_before(_first(graph, readers), [*before, node])
        before = []
    if site.grid.bipolar and not site.readers:
        _drop_activation(graph, site.values[0])


def _quantize_output(graph: Graph, value: str, new: list[NodeProto]) -> None:
    """Put a quantizer, the last of some nodes, behind an output that keeps its name."""
    maker = graph.makers()[value]
    raw = graph.fresh(f"{value}.raw")
    maker.output[list(maker.output).index(value)] = raw
    new[-1].input[0], new[-1].output[0] = raw, value
    graph.proto.graph.node.extend(new)


def quantize_input(graph: Graph, grid: Grid, scale: float) -> None:
    """Put a quantizer behind the input."""
    readers = graph.readers(graph.input)
    output = graph.fresh(f"{graph.input}.quantized")
    name = graph.fresh(f"{graph.input}.scale")
    node = quantizer(graph, grid, graph.input, name, output)
    node.name = f"{graph.input}.quant"
    graph.redirect(graph.input, output, readers)
    graph.insert_before(graph.nodes[0], [constant(name, scale), node])


def quantizer(graph: Graph, grid: Grid, value: str, scale: str, output: str) -> NodeProto:
    """Make a ``Quant`` node, or a ``BipolarQuant`` for the sign alone."""
    from onnx import helper

    if grid.bipolar:
        return helper.make_node("BipolarQuant", [value, scale], [output], domain=QONNX_DOMAIN)
    zero = graph.add_array(f"{output}.zero_point", _float(0))
    bits = graph.add_array(f"{output}.bits", _float(grid.bits))
    return helper.make_node(
        "Quant",
        [value, scale, zero, bits],
        [output],
        domain=QONNX_DOMAIN,
        narrow=int(grid.narrow),
        rounding_mode="ROUND",
        signed=int(grid.signed),
    )


def constant(name: str, value: float) -> NodeProto:
    """Make a scalar that is not trained."""
    from onnx import helper, numpy_helper

    return helper.make_node("Constant", [], [name], name=name, value=numpy_helper.from_array(_float(value)))


def constant_array(name: str, value: NDArray[Any]) -> NodeProto:
    """Make a constant that is not trained, of any shape."""
    from onnx import helper, numpy_helper

    return helper.make_node(
        "Constant", [], [name], name=name, value=numpy_helper.from_array(value.astype("float32"), name)
    )


def _current(graph: Graph, site: ActivationSite) -> tuple[str, ...]:
    """What the readers of a site read by now: other quantizers may stand before them."""
    for node in graph.nodes:
        if node.name in site.readers:
            return tuple(node.input)
    return site.values


def _drop_activation(graph: Graph, value: str) -> None:
    """The sign of relu, tanh or hard tanh is the sign of what goes in, or says nothing: the function goes."""
    maker = graph.makers()[value]
    if activation_range(graph, maker) is not None:
        graph.drop(maker)


def _first(graph: Graph, nodes: list[NodeProto]) -> NodeProto:
    return min(nodes, key=graph.nodes.index)


def _float(value: float) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(value, dtype=np.float32)
