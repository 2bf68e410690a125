# SPDX-License-Identifier: Apache-2.0
"""QONNX to FINN's hardware layers, in exact arithmetic: every code of the result is the model's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from drawplate.errors import ModelError
from drawplate.input_codes import InputCodes
from drawplate_quant_finn.graph import Graph, gives_codes, opset, prepare
from drawplate_quant_finn.lowering.streams import elementwise, layout, linear, merge, pools, quantizers, truncation
from drawplate_quant_finn.lowering.streams.assemble import assembled
from drawplate_quant_finn.lowering.streams.constants import Constants
from drawplate_quant_finn.lowering.streams.input import take_input
from drawplate_quant_finn.lowering.streams.operators import Threshold
from drawplate_quant_finn.lowering.streams.reader import Handler, Reader
from drawplate_quant_finn.lowering.streams.value import Value
from drawplate_quant_finn.options import LowerOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

HANDLERS: Mapping[str, Handler] = {
    "Quant": quantizers.quantizer,
    "IntQuant": quantizers.quantizer,
    "BipolarQuant": quantizers.quantizer,
    "Trunc": truncation.truncation,
    "Conv": linear.convolution,
    "Gemm": linear.gemm,
    "MatMul": linear.matmul,
    "BatchNormalization": elementwise.batch_norm,
    "Add": elementwise.arithmetic,
    "Sub": elementwise.arithmetic,
    "Mul": elementwise.arithmetic,
    "Div": elementwise.arithmetic,
    "Neg": elementwise.negative,
    "Relu": elementwise.relu,
    "LeakyRelu": elementwise.leaky,
    "PRelu": elementwise.leaky,
    "Clip": elementwise.clip,
    "Tanh": elementwise.logistic,
    "Sigmoid": elementwise.logistic,
    "HardSigmoid": elementwise.hard_sigmoid,
    "MaxPool": pools.maximum,
    "GlobalMaxPool": pools.global_maximum,
    "ReduceMax": pools.global_maximum,
    "AveragePool": pools.average,
    "GlobalAveragePool": pools.global_average,
    "ReduceMean": pools.reduce_mean,
    "Identity": layout.same,
    "Dropout": layout.same,
    "Flatten": layout.flatten,
    "Reshape": layout.reshape,
    "Transpose": layout.transpose,
    "Squeeze": layout.squeeze,
    "Unsqueeze": layout.squeeze,
    "Pad": layout.pad,
    "Concat": merge.concatenation,
    "Resize": merge.resized,
    "Upsample": merge.resized,
}
"""What can be lowered, by operator."""


@frozen(kw_only=True)
class QuantizedValue:
    """A quantizer of the model, and where its codes are in the lowered one."""

    node: NodeProto = field(repr=False)
    tensor: str
    value: Value = field(repr=False)


@frozen(kw_only=True)
class Lowering:
    """A lowered model, and how it comes from its QONNX model."""

    proto: ModelProto = field(repr=False)
    """In FINN's hardware layers, every PE and SIMD 1."""
    graph: Graph
    """Of the QONNX model, its nodes named."""
    constants: Constants = field(repr=False)
    codes: InputCodes
    quantized: tuple[QuantizedValue, ...]
    output: Value = field(repr=False)
    tensor: str
    """The output's integers."""
    entered: Value = field(repr=False)
    """What the codes of the input stand for, where they are known: the input's quantizer, or the input."""
    input_tensor: str
    """Name of this value in the QONNX model."""
    thresholds: Mapping[str, Threshold] = field(repr=False)
    """By tensor of the lowered model."""

    def fed(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the model sees of its input: without a quantizer of its own, what the nearest codes stand for."""
        return x if self.input_tensor != self.graph.input else self.codes.values(self.codes.of(x))


def lowered(proto: ModelProto, options: LowerOptions | None = None) -> ModelProto:
    """Return a QONNX model in FINN's hardware layers: see :func:`lowering`."""
    return lowering(proto, options).proto


def lowering(proto: ModelProto, options: LowerOptions | None = None) -> Lowering:
    """Lower a QONNX model to FINN's hardware layers.

    The input keeps its name and shape (batch 1) and takes integer codes; the output keeps its name and values.

    Args:
        proto: the QONNX model; it is not changed.
        options: type and scale of the codes of a model without a quantizer at its input.

    Raises:
        ModelError: when the model cannot be lowered: which node, why, and what to change.
    """
    options = options or LowerOptions()
    copy = type(proto)()
    copy.CopyFrom(proto)
    prepare(copy)
    if opset(copy) < 11:
        raise ModelError(f"uses operator set {opset(copy)}", allowed="at least 11", hint="export it again")
    if len(copy.graph.output) != 1:
        names = [value.name for value in copy.graph.output]
        raise ModelError(
            f"has {len(names)} outputs",
            where=f"outputs {', '.join(map(repr, names))}",
            allowed="one",
            hint=f"keep the one that is used: outputs = [{names[0]!r}] under [model]",
        )
    reader = Reader(Graph(copy), {})
    codes = take_input(reader, options.input_datatype, options.input_scale)
    reader.read(HANDLERS)
    output = reader.settled(copy.graph.output[0].name)
    result, made = assembled(copy, output, codes)
    tensors = {id(operator): name for name, operator in made.items()}
    entered = next((n.output[0] for n in reader.graph.nodes if n.name == reader.quantized_input), reader.graph.input)
    quantized = [(node, reader.values.get(node.output[0])) for node in reader.graph.nodes if gives_codes(node)]
    return Lowering(
        proto=result,
        graph=reader.graph,
        constants=reader.constants,
        codes=codes,
        quantized=tuple(
            QuantizedValue(node=node, tensor=tensors[id(value.operator)], value=value)
            for node, value in quantized
            if value is not None and node.name != reader.quantized_input and id(value.operator) in tensors
        ),
        output=output,
        tensor=tensors[id(output.operator)],
        entered=reader.values[entered],
        input_tensor=entered,
        thresholds={name: kind for name, kind in made.items() if isinstance(kind, Threshold)},
    )
