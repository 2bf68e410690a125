# SPDX-License-Identifier: Apache-2.0
"""The input of a model: the codes that the host makes, and what they stand for."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import evolve

from drawplate.errors import ModelError
from drawplate.input_codes import InputCodes
from drawplate_quant_finn.graph import Graph, is_quantizer
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.lowering.exact.number import negated, times
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.constants import check_codes, check_scale, quantizer_settings
from drawplate_quant_finn.lowering.streams.operators import Input
from drawplate_quant_finn.lowering.streams.quantizers import scalar
from drawplate_quant_finn.lowering.streams.reader import Reader
from drawplate_quant_finn.lowering.streams.types import datatype, limits
from drawplate_quant_finn.lowering.streams.value import Value, image_places

if TYPE_CHECKING:
    from onnx import NodeProto

PASSING = frozenset({"Flatten", "Reshape", "Transpose", "Identity", "Dropout", "Squeeze", "Unsqueeze"})
SPATIAL = frozenset({"Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "Pad"})
DENSE = frozenset({"Gemm", "MatMul"})


def input_quantizer(graph: Graph) -> NodeProto | None:
    """Return the quantizer that alone reads the model's input, changes of layout aside."""
    value = graph.input
    while True:
        readers = graph.readers(value)
        if len(readers) != 1:
            return None
        if is_quantizer(readers[0]) and readers[0].input[0] == value:
            return readers[0]
        if readers[0].op_type not in PASSING:
            return None
        value = readers[0].output[0]


def take_input(reader: Reader, datatype_: str | None, scale: float | None) -> InputCodes:
    """Give a reader the model's input as codes, and return how they are made.

    Args:
        reader: which has read nothing yet.
        datatype_: of the codes of a model without a quantizer at its input.
        scale: of these codes; None for 1 / largest code of unsigned ones (pixels of 0..1), 1 of others.

    Raises:
        ModelError: when the input is not quantized, or not in a way that hardware can take.
    """
    node = input_quantizer(reader.graph)
    codes = _declared(reader.graph, datatype_, scale) if node is None else _codes(reader, node)
    if node is not None:
        reader.quantized_input = node.name
    _enter(reader, codes, Fraction(codes.scale) if node is None else _worth(reader, node))
    return codes


def _enter(reader: Reader, codes: InputCodes, worth: Fraction) -> None:
    import numpy as np

    graph = reader.graph
    dims = [d.dim_value for d in _shape(graph)][1:]
    if not all(dims):
        raise ModelError(
            f"has the shape {['N', *dims]}", where=f"input {graph.input!r}", hint="export the model with fixed sizes"
        )
    low, high = codes.low - codes.offset, codes.high - codes.offset
    image = len(dims) in {2, 3} and _slides(graph)
    size = int(np.prod(dims))
    frame = (dims[1], dims[2] if len(dims) == 3 else 1, dims[0]) if image else (1, 1, size)
    kind = "BIPOLAR" if codes.sign else datatype(low, high)
    if not codes.sign and not codes.offset:
        kind = Grid(codes.bits, codes.signed, codes.narrow).datatype.replace("UINT1", "BINARY")
    operator = Input(layer=graph.input, frame=frame, low=low, high=high, datatype=kind, image=image)
    lost = Fraction(codes.zero_point) - codes.offset
    value = Value(
        operator=operator,
        frame=frame,
        place=(image_places(frame) if image else np.arange(size)).reshape(dims),
        scale=(worth,) * frame[2],
        shift=(times(negated(lost), worth),) * frame[2],
        node=graph.nodes[0],
    )
    reader.values[graph.input] = evolve(value)


def _shape(graph: Graph) -> list[Any]:
    value = next(value for value in graph.proto.graph.input if value.name == graph.input)
    return list(value.type.tensor_type.shape.dim)


def _slides(graph: Graph) -> bool:
    """Whether the input is read as an image before it meets a matrix product."""
    waiting, seen = [graph.input], set()
    while waiting:
        value = waiting.pop(0)
        for node in graph.readers(value):
            if node.op_type in SPATIAL or node.op_type.startswith("Reduce"):
                return True
            if node.op_type in DENSE or not node.output or node.output[0] in seen:
                continue
            seen.add(node.output[0])
            waiting.append(node.output[0])
    return False


def _codes(reader: Reader, node: NodeProto) -> InputCodes:
    scale = scalar(reader, node, 1, "scale")
    check_scale(node, reader.constants.arrays[node.input[1]])
    if node.op_type == "BipolarQuant":
        if scale == 0:
            raise refuse(node, "its scale is 0", "give it a scale above 0")
        return InputCodes(bits=1, signed=True, scale=abs(float(scale)))
    zero, bits = (scalar(reader, node, index, what) for index, what in ((2, "zero point"), (3, "bit width")))
    if not 1 <= bits <= 8 or bits.denominator != 1:
        raise refuse(node, f"its bit width is not one number of 1..8 ({float(bits):g})", "use at most 8 bits")
    signed, narrow, mode = quantizer_settings(node)
    codes = InputCodes(
        bits=int(bits), signed=signed, narrow=narrow, scale=float(scale), rounding=mode, zero_point=float(zero)
    )
    check_codes(node, codes.low, codes.high)
    if codes.sign or zero.denominator != 1:
        return codes
    low, high = limits(datatype(codes.low - int(zero), codes.high - int(zero)))
    return evolve(codes, offset=int(zero)) if high - low < 1 << 8 else codes


def _worth(reader: Reader, node: NodeProto) -> Fraction:
    return scalar(reader, node, 1, "scale")


def _declared(graph: Graph, named: str | None, scale: float | None) -> InputCodes:
    if named is None:
        raise ModelError(
            "is not quantized",
            where=f"input {graph.input!r}",
            hint="quantize it with step 'quantize', put a Quant node behind it, or say input_datatype = \"UINT8\"",
        )
    if named == "BIPOLAR":
        return InputCodes(bits=1, signed=True, scale=float(scale or 1.0))
    word = named.rstrip("0123456789")
    bits = named[len(word) :]
    least = 2 if word == "INT" else 1
    if word not in {"INT", "UINT"} or not bits or not least <= int(bits) <= 8:
        raise ModelError(f"is {named!r}", where="option 'input_datatype'", allowed="UINT1..UINT8, INT2..INT8, BIPOLAR")
    signed = word == "INT"
    high = (1 << int(bits)) - 1
    import numpy as np

    return InputCodes(bits=int(bits), signed=signed, scale=float(np.float32(scale or (1.0 if signed else 1 / high))))
