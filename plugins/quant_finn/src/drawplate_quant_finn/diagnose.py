# SPDX-License-Identifier: Apache-2.0
"""Say before lowering what FINN would stumble over: the node, the reason, what to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drawplate.errors import ModelError
from drawplate_quant_finn.graph import Graph, attribute, is_quantizer, weight_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

STREAMED = frozenset(
    {
        "Add", "BatchNormalization", "Clip", "Constant", "Conv", "Dropout", "Flatten", "Gemm", "GlobalAveragePool",
        "Identity", "MatMul", "MaxPool", "Mul", "Pad", "Relu", "Reshape", "Sigmoid", "Squeeze", "Sub", "Div", "Tanh",
        "Transpose", "Unsqueeze",
    }
)  # fmt: skip
"""Standard operators that have a place in hardware, or vanish into thresholds."""
SCALE_OPS = frozenset({"Abs", "ReduceMax", "ReduceMin", "ReduceMean", "Neg", "Max", "Div"})
"""Operators that make the scales of weights; folded before anything else."""
FUNCTIONS = frozenset({"Relu", "Tanh", "Sigmoid", "Clip"})


def check_lowerable(proto: ModelProto) -> None:
    """Check a QONNX model of integer input codes.

    Raises:
        ModelError: for the first thing that cannot be lowered.
    """
    graph = Graph(proto)
    computed = _from_weights(graph)
    for node in graph.nodes:
        if is_quantizer(node):
            _check_quantizer(graph, node, computed)
        elif node.output[0] not in computed:
            _check_operator(graph, node)
    for node in graph.nodes:
        if weight_of(graph, node) is not None:
            _check_layer(graph, node)
        elif node.op_type == "Add" and not _constant_inputs(graph, node):
            _check_addition(graph, node)


def refuse(node: NodeProto, what: str, hint: str) -> ModelError:
    """Make the one error that a model is refused with."""
    return ModelError(f"cannot be lowered: {what}", where=f"node {node.name!r} ({node.op_type})", hint=hint)


def _from_weights(graph: Graph) -> set[str]:
    """Values that are constant, given the weights: scales that follow them."""
    known = set(graph.arrays())
    for node in graph.nodes:
        if not is_quantizer(node) and node.input and all(name in known or not name for name in node.input):
            known.update(node.output)
    return known


def _check_operator(graph: Graph, node: NodeProto) -> None:
    if node.op_type not in STREAMED:
        raise refuse(
            node,
            f"FINN has no hardware for {node.op_type}",
            "use Relu, Tanh, Sigmoid or Clip as activation, max-pooling, convolutions and matrix products",
        )
    if node.op_type == "Conv":
        _check_convolution(graph, node)
    if node.op_type == "MaxPool" and (attribute(node, "ceil_mode", 0) or _same_padding(node)):
        raise refuse(node, "its windows reach over the edge", "use ceil_mode = 0 and explicit pads")
    streams = node.op_type in {"Mul", "MatMul", "Gemm"} and not _constant_inputs(graph, node)
    if streams and weight_of(graph, node) is None:
        raise refuse(node, "it multiplies two streams", "multiply by constants only")
    if node.op_type in FUNCTIONS:
        readers = graph.readers(node.output[0])
        if not readers or not all(is_quantizer(reader) for reader in readers):
            raise refuse(
                node,
                f"what {node.op_type} gives is not quantized",
                f"put a Quant node behind it, or let step 'quantize' do so (layers.{node.name!r})",
            )


def _check_convolution(graph: Graph, node: NodeProto) -> None:
    name = weight_of(graph, node)
    rank = graph.arrays()[name].ndim if name else 4
    if rank != 4:
        raise refuse(node, f"it slides over {rank - 2} dimensions", "use two-dimensional convolutions")
    if attribute(node, "group", 1) != 1:
        raise refuse(node, "it is grouped (depthwise)", "use group = 1; a depthwise layer needs FINN's VVAU")
    if _same_padding(node):
        raise refuse(node, "auto_pad leaves its padding open", "write the pads out")


def _same_padding(node: NodeProto) -> bool:
    return attribute(node, "auto_pad", b"NOTSET") not in {b"NOTSET", b"VALID"}


def _check_quantizer(graph: Graph, node: NodeProto, computed: set[str]) -> None:
    if node.op_type == "BipolarQuant":
        return
    arrays = graph.arrays()
    scale, zero, bits = (arrays.get(node.input[index]) for index in (1, 2, 3))
    weights = node.input[0] in computed
    if attribute(node, "rounding_mode", b"ROUND").upper() not in {b"ROUND", b"HALF_EVEN"}:
        raise refuse(node, "it does not round to nearest", 'use rounding_mode = "ROUND"')
    if zero is None or zero.any():
        raise refuse(node, "its zero point is not 0", "quantize symmetrically (signed), or unsigned behind Relu")
    if bits is None or bits.size != 1 or not 1 <= float(bits.reshape(())) <= 8:
        raise refuse(node, "its bit width is not one number of 1..8", "use at most 8 bits")
    if weights:
        return
    if scale is None or scale.size != 1:
        raise refuse(
            node,
            "its scale differs by channel" if scale is not None else "its scale is computed from activations",
            "give activations one constant scale per tensor",
        )
    maker = graph.makers().get(node.input[0])
    if maker is not None and maker.op_type == "Relu" and (attribute(node, "signed", 1) or attribute(node, "narrow", 0)):
        raise refuse(node, "it is signed or narrow behind Relu", "use an unsigned quantizer with narrow = 0")


def _check_layer(graph: Graph, node: NodeProto) -> None:
    name = weight_of(graph, node)
    value = node.input[1]
    makers = graph.makers()
    while value != name and value in makers and not is_quantizer(makers[value]):
        value = makers[value].input[0]
    if value == name:
        raise refuse(node, "its weights are not quantized", "put a Quant node behind them, or use step 'quantize'")
    if not _is_whole(graph, node.input[0]):
        raise refuse(node, "its input is not quantized", "put a Quant node before it, or use step 'quantize'")


def _is_whole(graph: Graph, value: str) -> bool:
    """Whether a value is integers times one scale: quantized, the input, or a sum of such."""
    source = graph.source(value)
    maker = graph.makers().get(source)
    if maker is None or is_quantizer(maker):
        return True
    if maker.op_type == "Mul":  # the input's scale
        return graph.source(maker.input[0]) == graph.input
    return maker.op_type == "Add" and all(_is_whole(graph, name) for name in maker.input)


def _check_addition(graph: Graph, node: NodeProto) -> None:
    makers, arrays = graph.makers(), graph.arrays()
    scales = []
    for value in node.input:
        maker = makers.get(graph.source(value))
        if maker is None or not is_quantizer(maker):
            raise refuse(
                node, f"its input {value!r} is not quantized", "put a Quant node before both inputs, of one scale"
            )
        scales.append(arrays.get(maker.input[1]))
    first, second = (None if scale is None else float(scale.reshape(-1)[0]) for scale in scales)
    if first != second:
        raise refuse(
            node,
            f"its inputs have different scales ({first:g} and {second:g})" if first and second else "its scales differ",
            "let both quantizers read the same scale",
        )


def _constant_inputs(graph: Graph, node: NodeProto) -> list[str]:
    known = _from_weights(graph)
    return [name for name in node.input if name in known]


def left_over(proto: ModelProto) -> Iterator[NodeProto]:
    """Yield nodes of a lowered model that are neither hardware nor the host's part at its two ends."""
    nodes = list(proto.graph.node)
    layers = [index for index, node in enumerate(nodes) if node.domain.startswith("finn.custom_op.fpgadataflow")]
    for index, node in enumerate(nodes):
        if index in layers:
            continue
        before = not layers or index < layers[0]
        after = not layers or index > layers[-1]
        layout = node.op_type in {"Transpose", "Flatten", "Reshape", "Identity"} and (before or _moves_nothing(node))
        if not (layout or (after and node.op_type in {"Mul", "Add"} and layers)):
            yield node


def _moves_nothing(node: NodeProto) -> bool:
    return node.op_type in {"Flatten", "Reshape", "Identity"}
