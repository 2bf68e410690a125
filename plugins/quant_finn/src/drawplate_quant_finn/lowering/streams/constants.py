# SPDX-License-Identifier: Apache-2.0
"""What of a model is known before it runs: weights, biases, scales.

Constants are computed as any executor of the model computes them, in float32; what streams is exact from there on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from drawplate.graph.facts import DEFAULTS
from drawplate.input_codes import MODES, round_as, rounding_mode
from drawplate_quant_finn.graph import Graph, attribute, is_quantizer
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.lowering.refusal import refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

LAYOUT = frozenset({"Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"})
"""Operators that move numbers and change none."""


@frozen
class Codes:
    """A constant that a quantizer made: whole numbers times scales."""

    whole: NDArray[np.int64] = field(repr=False)
    """Codes, their zero point taken off."""
    scale: NDArray[np.float32] = field(repr=False)
    """Of each, in the same shape."""


@define
class Constants:
    """Constants by value name."""

    arrays: dict[str, NDArray[Any]]
    codes: dict[str, Codes]
    fractions: set[str] = field(factory=set)
    """What quantizers with a zero point between two integers gave."""

    def __contains__(self, name: str) -> bool:
        """Whether a value is constant."""
        return name in self.arrays

    def fraction(self, name: str) -> NDArray[Any]:
        """Return a constant as float64: every float32 as it is."""
        import numpy as np

        return np.asarray(self.arrays[name], dtype=np.float64)


def constants_of(graph: Graph) -> Constants:
    """Compute everything that depends on constants only.

    Raises:
        ModelError: for a quantizer that cannot be computed.
    """
    known = Constants(dict(graph.arrays()), {})
    for node in graph.nodes:
        given = [name for name in node.input if name]
        if node.op_type == "Constant" or not given or not all(name in known for name in given):
            continue
        if is_quantizer(node):
            codes, value = _quantized(node, known)
            known.arrays[node.output[0]] = value
            if codes is not None:
                known.codes[node.output[0]] = codes
            else:
                known.fractions.add(node.output[0])
            continue
        for name, value in zip(
            node.output, run_node(node, [known.arrays.get(n) for n in node.input], graph), strict=False
        ):
            known.arrays[name] = value
        if node.input[0] in known.fractions and node.op_type in LAYOUT:
            known.fractions.add(node.output[0])
        moved = known.codes.get(node.input[0])
        if moved is not None and node.op_type in LAYOUT:
            others = [known.arrays.get(name) for name in node.input[1:]]
            whole, scale = (run_node(node, [part, *others], graph)[0] for part in (moved.whole, moved.scale))
            known.codes[node.output[0]] = Codes(whole, scale)
    return known


def run_node(node: NodeProto, values: list[Any], graph: Graph) -> list[NDArray[Any]]:
    """Run one standard node with ONNX's reference in NumPy."""
    from onnx import helper
    from onnx.reference import ReferenceEvaluator

    given = {name: value for name, value in zip(node.input, values, strict=True) if name}
    parts = helper.make_graph(
        [node],
        "constant",
        [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in given.items()],
        [helper.make_empty_tensor_value_info(name) for name in node.output if name],
    )
    model: ModelProto = helper.make_model(parts, opset_imports=graph.proto.opset_import)
    try:
        return list(ReferenceEvaluator(model).run(None, given))
    except Exception as error:
        raise refuse(
            node, f"its constant cannot be computed: {error}", "fold constants before exporting the model"
        ) from error


def _quantized(node: NodeProto, known: Constants) -> tuple[Codes | None, NDArray[np.float32]]:
    """Compute a quantizer of constants as QONNX defines it, in float32."""
    import numpy as np

    x, scale, *others = (np.asarray(known.arrays[name], dtype=np.float32) for name in node.input)
    check_scale(node, scale)
    if node.op_type == "BipolarQuant":
        whole = np.where(x >= 0, 1, -1)
        return Codes(whole, np.broadcast_to(scale, x.shape)), (whole.astype(np.float32) * scale)
    if node.op_type not in {"Quant", "IntQuant"}:
        raise refuse(node, f"{node.op_type} of constants", "use Quant or BipolarQuant")
    zero, bits = others
    signed, narrow, mode = quantizer_settings(node)
    if bits.size == 1 and float(bits.reshape(())).is_integer():
        grid = Grid(int(bits.reshape(())), signed, narrow)
        low, high = np.asarray(grid.low, np.float32), np.asarray(grid.high, np.float32)
        sign = grid.bipolar
    else:
        half = np.exp2(bits - 1)
        low = np.asarray(np.float32(narrow) - half if signed else np.zeros_like(bits))
        high = np.asarray(half - 1 if signed else 2 * half - 1 - np.float32(narrow))
        sign = False
    ratio = x / scale + zero
    codes = np.where(ratio >= 0, np.float32(1), np.float32(-1)) if sign else round_as(mode)(np.clip(ratio, low, high))
    value = ((codes - zero) * scale).astype(np.float32)
    if np.any(np.isnan(codes)):
        raise refuse(node, "it quantizes what is no number (NaN)", "train or export the model again")
    exact = codes.astype(np.float64) - zero
    if np.any(exact != np.rint(exact)):
        return None, value
    return Codes(exact.astype(np.int64), np.broadcast_to(scale, exact.shape)), value


def check_scale(node: NodeProto, scale: NDArray[np.float32]) -> None:
    """Refuse a scale that nothing can be divided by."""
    import numpy as np

    if not np.all(np.isfinite(scale)) or (np.any(scale == 0) and node.op_type != "BipolarQuant"):
        raise refuse(
            node, "its scale is 0 or not finite", "give it a scale above 0; weights that are all 0 need one, too"
        )


def check_codes(node: NodeProto, low: int, high: int) -> None:
    """Refuse a grid of one code: an unsigned bit without its largest code."""
    if low == high:
        raise refuse(node, f"it has one code only ({low})", "use narrow = 0, or more bits")


def quantizer_settings(node: NodeProto) -> tuple[bool, bool, str]:
    """Return signed, narrow and rounding mode; what is absent as QONNX says.

    Raises:
        ModelError: for a rounding mode that QONNX does not know.
    """
    signed, narrow, said = (
        attribute(node, name, DEFAULTS["Quant"][name]) for name in ("signed", "narrow", "rounding_mode")
    )
    mode = rounding_mode(said.decode() if isinstance(said, bytes) else str(said))
    if mode not in MODES:
        raise refuse(node, f"rounding_mode is {mode!r}", f"use one of ROUND, {', '.join(MODES)}")
    return bool(signed), bool(narrow), mode
