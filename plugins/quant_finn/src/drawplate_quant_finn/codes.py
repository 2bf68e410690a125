# SPDX-License-Identifier: Apache-2.0
"""The input of a lowered model: integer codes instead of normalised pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_quant_finn.graph import LAYOUT_OPS, Graph, attribute, is_quantizer, metadata, set_metadata
from drawplate_quant_finn.grid import Grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto


@frozen
class InputCodes:
    """How normalised pixels become codes: ``clip(round(pixel / scale))``; the sign for BIPOLAR."""

    grid: Grid
    scale: float

    def of(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn normalised pixels into codes, as QONNX's quantizer does: in float32, half to even."""
        import numpy as np

        ratio = x / np.float32(self.scale)
        if self.grid.bipolar:
            return np.where(ratio >= 0, np.float32(1), np.float32(-1))
        codes: NDArray[np.float32] = np.clip(np.rint(ratio), self.grid.low, self.grid.high).astype(np.float32)
        return codes


def codes_of(proto: ModelProto) -> InputCodes | None:
    """Read how a lowered model's codes are made off its metadata; None where it does not say."""
    bits, scale = metadata(proto, "input_bits"), metadata(proto, "input_scale")
    if bits is None or scale is None:
        return None
    signed, narrow = metadata(proto, "input_signed") == "true", metadata(proto, "input_narrow") == "true"
    return InputCodes(Grid(int(bits), signed, narrow), float(scale))


def record_codes(proto: ModelProto, codes: InputCodes) -> None:
    """Write how codes are made into a model's metadata."""
    set_metadata(proto, "input_bits", codes.grid.bits)
    set_metadata(proto, "input_signed", str(codes.grid.signed).lower())
    set_metadata(proto, "input_narrow", str(codes.grid.narrow).lower())
    set_metadata(proto, "input_scale", repr(codes.scale))


def take_codes(proto: ModelProto, datatype: str | None = None, scale: float | None = None) -> InputCodes:
    """Change a QONNX model so that its input takes codes, and return how they are made.

    The quantizer at the input becomes a multiplication by its scale.

    Args:
        proto: the model; it is changed.
        datatype: of the codes of a model without a quantizer at its input.
        scale: of these codes; None for 1 / largest code of unsigned ones (pixels of 0..1), 1 of others.

    Raises:
        ModelError: when the input is not quantized, or not in a way that hardware can take.
    """
    from onnx import helper

    graph = Graph(proto)
    node = _input_quantizer(graph)
    if node is None:
        grid = _declared(graph, datatype)
        declared = InputCodes(grid, scale or (1.0 if grid.signed else 1 / grid.high))
        _scale_input(graph, declared.scale)
        return declared
    codes = InputCodes(_grid(graph, node), _scalar(graph, node, 1, "scale"))
    multiply = helper.make_node("Mul", [node.input[0], node.input[1]], [node.output[0]], name=f"{node.name}.scale")
    graph.insert_before(node, [multiply])
    proto.graph.node.remove(node)
    return codes


def has_input_quantizer(proto: ModelProto) -> bool:
    """Whether the input of a QONNX model is quantized in the model itself."""
    return _input_quantizer(Graph(proto)) is not None


def _scale_input(graph: Graph, scale: float) -> None:
    import numpy as np
    from onnx import helper

    if scale == 1:
        return
    readers = graph.readers(graph.input)
    output = graph.fresh(f"{graph.input}.scaled")
    name = graph.add_array(f"{graph.input}.scale", np.asarray(scale, dtype=np.float32))
    graph.redirect(graph.input, output, readers)
    graph.insert_before(graph.nodes[0], [helper.make_node("Mul", [graph.input, name], [output], name=name)])


def _input_quantizer(graph: Graph) -> NodeProto | None:
    value = graph.input
    while True:
        readers = graph.readers(value)
        quantizers = [node for node in readers if is_quantizer(node)]
        if quantizers and len(readers) == 1:
            return quantizers[0]
        if len(readers) != 1 or readers[0].op_type not in LAYOUT_OPS - {"MaxPool", "Pad"}:
            return None
        value = readers[0].output[0]


def _declared(graph: Graph, datatype: str | None) -> Grid:
    if datatype is None:
        raise ModelError(
            "is not quantized",
            where=f"input {graph.input!r}",
            hint="quantize it with step 'quantize', put a Quant node behind it, or say input_datatype = \"UINT8\"",
        )
    if datatype == "BIPOLAR":
        return Grid(1, signed=True)
    word = datatype.rstrip("0123456789")
    bits = datatype[len(word) :]
    if word not in {"INT", "UINT"} or not bits or not 1 <= int(bits) <= 8:
        raise ModelError(
            f"is {datatype!r}", where="option 'input_datatype'", allowed="UINT1..UINT8, INT2..INT8, BIPOLAR"
        )
    return Grid(int(bits), signed=word == "INT")


def _grid(graph: Graph, node: NodeProto) -> Grid:
    if node.op_type == "BipolarQuant":
        return Grid(1, signed=True)
    if _scalar(graph, node, 2, "zero point"):
        raise ModelError("has a zero point other than 0", where=f"node {node.name!r}", hint="use a symmetric quantizer")
    bits = int(_scalar(graph, node, 3, "bit width"))
    if not 1 <= bits <= 8:
        raise ModelError(f"gives {bits}-bit codes", where=f"node {node.name!r}", allowed="1..8 bits")
    return Grid(bits, bool(attribute(node, "signed", 1)), bool(attribute(node, "narrow", 0)))


def _scalar(graph: Graph, node: NodeProto, index: int, what: str) -> float:
    value = graph.arrays().get(node.input[index])
    if value is None or value.size != 1:
        raise ModelError(
            f"has a {what} that is {'computed' if value is None else 'not one number'}",
            where=f"node {node.name!r}",
            hint="give the input one constant scale, zero point and bit width",
        )
    return float(value.reshape(()))
