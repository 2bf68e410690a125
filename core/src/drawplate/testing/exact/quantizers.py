# SPDX-License-Identifier: Apache-2.0
"""QONNX's quantizers in exact arithmetic (https://github.com/fastmachinelearning/qonnx, docs/qonnx-custom-ops)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.errors import ModelError
from drawplate.testing.exact.number import Exact, each, of_array
from drawplate.testing.exact.rounding import ROUNDINGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

    from drawplate.testing.exact.number import Whole


@frozen(eq=False)
class Quantized:
    """What a quantizer makes of its input."""

    ratio: Exact
    """The input in steps, zero point added, before it is rounded.  Denominators differ where scales do."""
    codes: Whole
    """Python integers, of the ratio's shape."""
    scale: Exact
    zero: Exact

    @property
    def value(self) -> Exact:
        """The quantizer's output."""
        return self.with_codes(self.codes)

    def with_codes(self, codes: Whole) -> Exact:
        """Return the output for other codes."""
        return (Exact(codes) - self.zero) * self.scale


def quantized(node: NodeProto, x: Exact, parameters: list[NDArray[np.float32]]) -> Quantized:
    """Evaluate ``Quant``, ``IntQuant`` or ``BipolarQuant``: divide, add the zero point, round, clip.

    Args:
        node: the quantizer.
        x: what goes in.
        parameters: scale, zero point and bit width; the scale alone of a BipolarQuant.

    Raises:
        ModelError: for a scale of 0, an unknown rounding mode, or bits that are no whole number.
    """
    given = _attributes(node)
    scale = of_array(parameters[0])
    if not all(scale.top.ravel()):
        raise ModelError("has a scale of 0", where=f"node {node.name!r}")
    if node.op_type == "BipolarQuant":
        zero = of_array(parameters[0] * 0)
        ratio = x * scale.inverse()
        return Quantized(ratio, each(lambda top: 1 if top >= 0 else -1, x.top + 0 * ratio.top), scale, zero)
    zero, bits = of_array(parameters[1]), _whole_bits(node, parameters[2])
    signed, narrow = bool(given.get("signed", 1)), bool(given.get("narrow", 0))
    ratio = x * scale.inverse() + zero
    if signed and bits == 1:
        return Quantized(ratio, each(lambda top: 1 if top >= 0 else -1, ratio.top), scale, zero)
    low = -(1 << (bits - 1)) + narrow if signed else 0
    high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1 - narrow
    rounding = _rounding(node, given.get("rounding_mode", b"ROUND"))
    codes = each(lambda top: min(max(rounding(top, ratio.bottom), low), high), ratio.top)
    return Quantized(ratio, codes, scale, zero)


def truncated(node: NodeProto, x: Exact, parameters: list[NDArray[np.float32]]) -> Exact:
    """Evaluate version 1 of ``Trunc``: drop the lowest bits of a quantized sum.

    Raises:
        ModelError: for another version, or an unknown rounding mode.
    """
    if len(parameters) != 4:
        raise ModelError("is not version 1 of Trunc", where=f"node {node.name!r}")
    scale, zero = of_array(parameters[0]), of_array(parameters[1])
    dropped = _whole_bits(node, parameters[2]) - _whole_bits(node, parameters[3])
    ratio = x * scale.inverse() + zero
    rounding = _rounding(node, _attributes(node).get("rounding_mode", b"FLOOR"))
    codes = each(lambda top: rounding(ROUNDINGS["ROUND"](top, ratio.bottom), 1 << dropped), ratio.top)
    return (Exact(codes) - zero) * scale


def constant_codes(node: NodeProto, x: NDArray[np.float32], parameters: list[NDArray[np.float32]]) -> Quantized:
    """Quantize a constant in float32, as every executor of the model folds it: its codes are part of the model."""
    import numpy as np

    with np.errstate(all="ignore"):
        if node.op_type == "BipolarQuant":
            ratio = x + np.float32(0) * parameters[0]
        else:
            ratio = (x / parameters[0]).astype(np.float32) + parameters[1]
    steps = [np.float32(1) + 0 * parameters[0], *(parameter * 0 for parameter in parameters[1:2]), *parameters[2:]]
    found = quantized(node, of_array(ratio.astype(np.float32)), steps)
    zero = of_array(parameters[1]) if len(parameters) > 1 else found.zero
    return Quantized(found.ratio, found.codes, of_array(parameters[0]), zero)


def _rounding(node: NodeProto, mode: bytes) -> Any:
    name = mode.decode().upper()
    if name not in ROUNDINGS:
        raise ModelError(f"rounds {name!r}", where=f"node {node.name!r}", allowed=ROUNDINGS)
    return ROUNDINGS[name]


def _whole_bits(node: NodeProto, bits: NDArray[np.float32]) -> int:
    if bits.size != 1 or not float(bits.reshape(())).is_integer():
        raise ModelError("has bits that are not one whole number", where=f"node {node.name!r}")
    return int(bits.reshape(()))


def _attributes(node: NodeProto) -> dict[str, Any]:
    from onnx import helper

    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
