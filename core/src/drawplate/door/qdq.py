# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear and DequantizeLinear, with a Clip between them or without, as QONNX's ``Quant``.

Codes are the same but for ties of an odd zero point: ``QuantizeLinear`` rounds before it adds the zero point, ``Quant``
after.  A zero point in the middle or at the end of the range is moved to 0, which is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from drawplate.door.values import add_initializer, constant, names_of
from drawplate.errors import ModelError
from drawplate.graph.facts import QONNX_DOMAIN

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray

    Array = NDArray[Any]

DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
WIDEST = 24
"""Bits of a code that float32 holds exactly; wider ones are biases, which become float."""
INTEGER_LAYERS = frozenset(
    {"QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear", "QGemm", "QAttention"}
)


@frozen
class Range:
    """Which codes there are."""

    bits: int
    signed: bool
    narrow: bool


ODD = "an odd zero point"
"""What is said where ties round to the other side."""


def refuse_integer_layers(model: ir.Model) -> None:
    """Refuse layers that compute in integers themselves.

    Raises:
        ModelError: by layer name.
    """
    for node in model.graph:
        if node.op_type in INTEGER_LAYERS or (node.domain == "com.microsoft" and node.op_type.startswith("QLinear")):
            raise ModelError(
                f"{node.op_type} computes in integers, and no step takes it",
                where=f"layer {node.name or node.outputs[0].name!r}",
                hint="quantize with QuantizeLinear and DequantizeLinear around float layers: "
                "quant_format=QuantFormat.QDQ of onnxruntime's quantize_static",
            )


def to_quant(model: ir.Model) -> list[str]:
    """Replace pairs, and dequantized constants, in place."""
    quants, floats, odd, left = 0, 0, 0, []
    for node in list(model.graph):
        if node.op_type != "DequantizeLinear" or node.domain not in DOMAINS:
            continue
        scale, zero = constant(node.inputs[1]), _zero(node)
        if scale is None or zero is None or _blocked(node):
            left.append(str(node.name))
            continue
        codes = constant(node.inputs[0])
        if codes is not None:
            kind = _constant(model.graph, node, codes, scale, zero)
            quants, floats = quants + (kind == "quant"), floats + (kind == "float")
            continue
        done = _pair(model.graph, node, scale, zero)
        if done is None:
            left.append(str(node.name))
            continue
        quants, odd = quants + 1, odd + done
    said = [f"{quants} QuantizeLinear and DequantizeLinear made Quant"] if quants else []
    said += [f"{floats} integer biases made float"] if floats else []
    said += [f"{odd} of them have {ODD}: ties round to the other side, by one step"] if odd else []
    return said + ([f"DequantizeLinear {names_of(left)} left as they are"] if left else [])


def _zero(node: ir.Node) -> Array | None:
    if len(node.inputs) < 3 or node.inputs[2] is None:
        return np.zeros((), np.int64)
    return constant(node.inputs[2])


def _blocked(node: ir.Node) -> bool:
    return "block_size" in node.attributes and node.attributes["block_size"].as_int() != 0


def _axis(node: ir.Node) -> int:
    return node.attributes["axis"].as_int() if "axis" in node.attributes else 1


def _aligned(array: Array, axis: int, rank: int | None) -> Array | None:
    """Shape a scale or zero point so that it broadcasts as its axis says."""
    if array.size == 1:
        return array.reshape(())
    if array.ndim != 1 or rank is None:
        return None
    shape = [1] * rank
    shape[axis] = array.size
    return array.reshape(shape)


def _constant(graph: ir.Graph, node: ir.Node, codes: Array, scale: Array, zero: Array) -> str:
    import onnx_ir as ir

    aligned, zeros = _aligned(scale, _axis(node), codes.ndim), _aligned(zero, _axis(node), codes.ndim)
    if aligned is None or zeros is None:
        return ""
    # As DequantizeLinear computes it: the difference in integers, then one product in float32.
    plain = (codes.astype(np.int64) - zeros.astype(np.int64)).astype(np.float32) * aligned.astype(np.float32)
    plain = plain.astype(np.float32)
    source = node.inputs[0]
    tensor = ir.convenience.get_const_tensor(source) if source is not None else None
    kind = tensor.dtype if tensor is not None else ir.DataType.INT8
    weight = add_initializer(graph, f"{source.name if source is not None else node.name}.float", plain)
    codes_kept = kind.bitwidth <= WIDEST and kind.name.lstrip("U").startswith("INT")
    found = _range(*_limits(kind), zeros) if codes_kept else None
    if found is None:
        node.outputs[0].replace_all_uses_with(weight, replace_graph_outputs=True)
        graph.remove(node, safe=True)
        return "float"
    _quant(graph, node, weight, aligned, *found)
    return "quant"


def _pair(graph: ir.Graph, node: ir.Node, scale: Array, zero: Array) -> bool | None:
    """Replace a pair; tell whether its zero point is odd, None where it is no pair."""
    maker, clip = _quantizer_of(node)
    if maker is None or not _same_grid(maker, node, scale, zero):
        return None
    data = maker.inputs[0]
    limits = _codes_of(maker)
    if data is None:
        return None
    if clip is not None:
        limits = max(limits[0], clip[0]), min(limits[1], clip[1])
    rank = len(data.shape) if data.shape is not None else None
    aligned, zeros = _aligned(scale, _axis(node), rank), _aligned(zero, _axis(node), rank)
    found = None if aligned is None or zeros is None else _range(*limits, zeros)
    if aligned is None or found is None:
        return None
    _quant(graph, node, data, aligned, *found)
    return bool((found[1] % 2).any())


def _quantizer_of(node: ir.Node) -> tuple[ir.Node | None, tuple[int, int] | None]:
    """Return the QuantizeLinear that a DequantizeLinear undoes, and the limits of a Clip between them."""
    maker = node.inputs[0].producer() if node.inputs[0] is not None else None
    clip = None
    if maker is not None and maker.op_type == "Clip":
        low, high = (constant(value) for value in (*maker.inputs[1:3], None, None)[:2])
        if low is None or high is None:
            return None, None
        clip = int(low), int(high)
        maker = maker.inputs[0].producer() if maker.inputs[0] is not None else None
    if maker is None or maker.op_type != "QuantizeLinear" or maker.domain not in DOMAINS or _blocked(maker):
        return None, None
    return maker, clip


def _same_grid(maker: ir.Node, node: ir.Node, scale: Array, zero: Array) -> bool:
    scale_in, zero_in = constant(maker.inputs[1]), _zero(maker)
    if scale_in is None or zero_in is None or not np.array_equal(scale_in.reshape(-1), scale.reshape(-1)):
        return False
    same = bool((zero_in.reshape(-1) == zero.reshape(-1)).all())
    return same and (scale.size == 1 or _axis(maker) == _axis(node))


def _codes_of(maker: ir.Node) -> tuple[int, int]:
    """Least and greatest code of a QuantizeLinear: its zero point's type, or its attribute's; uint8 without either."""
    import onnx_ir as ir

    kind = None
    if len(maker.inputs) > 2 and maker.inputs[2] is not None:
        tensor = ir.convenience.get_const_tensor(maker.inputs[2])
        kind = tensor.dtype if tensor is not None else None
    elif "output_dtype" in maker.attributes and maker.attributes["output_dtype"].as_int():
        kind = ir.DataType(maker.attributes["output_dtype"].as_int())
    return _limits(kind or ir.DataType.UINT8)


def _limits(kind: ir.DataType) -> tuple[int, int]:
    bits = kind.bitwidth
    return (0, (1 << bits) - 1) if kind.name.startswith("U") else (-(1 << bits - 1), (1 << bits - 1) - 1)


def _range(low: int, high: int, zero: Array) -> tuple[Range, Array] | None:
    """Find bits and signs for the codes from low to high; the zero point goes where it is 0 in Quant's own range."""
    first = int(zero.reshape(-1)[0])
    if (zero == first).all() and (moved := _named(low - first, high - first)):
        return moved, np.zeros((), np.float32)
    named = _named(low, high)
    return None if named is None else (named, zero.astype(np.float32))


def _named(low: int, high: int) -> Range | None:
    for bits in range(1, WIDEST + 1):
        for narrow in (False, True):
            half = 1 << bits - 1
            if (low, high) == (-half + narrow, half - 1) and bits > 1:
                return Range(bits, signed=True, narrow=narrow)
            if (low, high) == (0, 2 * half - 1 - narrow) and not (narrow and bits == 1):
                return Range(bits, signed=False, narrow=narrow)
    return None


def _quant(graph: ir.Graph, node: ir.Node, data: ir.Value, scale: Array, codes: Range, zero: Array) -> None:
    import onnx_ir as ir

    given = node.outputs[0]
    name = str(given.name)
    inputs = [
        data,
        add_initializer(graph, f"{name}.scale", scale.astype(np.float32)),
        add_initializer(graph, f"{name}.zero", zero.astype(np.float32)),
        add_initializer(graph, f"{name}.bits", np.asarray(codes.bits, np.float32)),
    ]
    attributes: dict[str, int | str] = {
        "signed": int(codes.signed),
        "narrow": int(codes.narrow),
        "rounding_mode": "ROUND",
    }
    made = ir.node("Quant", inputs, attributes=attributes, domain=QONNX_DOMAIN, name=node.name)
    graph.insert_before(node, made)
    given.name = f"{name}.before"
    made.outputs[0].name = name
    made.outputs[0].shape, made.outputs[0].type = given.shape, data.type
    ir.convenience.replace_all_uses_with(given, made.outputs[0], replace_graph_outputs=True)
    graph.remove(node, safe=True)
    graph.opset_imports.setdefault(QONNX_DOMAIN, 1)
