# SPDX-License-Identifier: Apache-2.0
"""What quantizers are set to: as many settings as QONNX says, and numbers that they can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drawplate.door.values import constant
from drawplate.errors import ModelError
from drawplate.graph.facts import QONNX_DOMAIN, QUANT_OPS

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray

INPUTS = {"Quant": (4,), "BipolarQuant": (2,), "Trunc": (5, 6)}
"""The data, and then: scale, zero point, bit width; of a Trunc also the bit width, or scale and bit width, after it."""
SCALES = {"Quant": (1,), "BipolarQuant": (1,), "Trunc": (1,), "FloatQuant": (1,)}
WIDTHS = {"Quant": (3,), "Trunc": (3, -1)}
HINT = "export the model again with quantizers that were calibrated or trained"


def check_quantizers(model: ir.Model) -> None:
    """Refuse settings with which a quantizer gives no numbers, or one code only.

    Raises:
        ModelError: by layer name.
    """
    for node in model.graph:
        if node.op_type not in QUANT_OPS or node.domain != QONNX_DOMAIN:
            continue
        said = _wrong(node)
        if said:
            raise ModelError(said, where=f"layer {node.name or node.outputs[0].name!r} ({node.op_type})", hint=HINT)


def _wrong(node: ir.Node) -> str | None:
    counts = INPUTS.get(node.op_type, (len(node.inputs),))
    given = sum(value is not None for value in node.inputs)
    if len(node.inputs) not in counts or given < len(node.inputs):
        return f"has {given} inputs, and needs {' or '.join(map(str, counts))}"
    return next(filter(None, (_wrong_scale(node), _wrong_zero(node), _wrong_width(node))), None)


def _wrong_scale(node: ir.Node) -> str | None:
    for place in SCALES.get(node.op_type, ()):
        scale = constant(node.inputs[place])
        if scale is not None and (not np.isfinite(scale).all() or not scale.all()):
            return f"its scale is {_first(scale, ~np.isfinite(scale) | (scale == 0)):g}: nothing can be divided by that"
    return None


def _wrong_zero(node: ir.Node) -> str | None:
    zero = constant(node.inputs[2]) if node.op_type == "Quant" else None
    return None if zero is None or np.isfinite(zero).all() else "its zero point is no number"


def _wrong_width(node: ir.Node) -> str | None:
    for place in WIDTHS.get(node.op_type, ()):
        bits = constant(node.inputs[place])
        if bits is not None and not (bits >= 1).all():
            return f"its bit width is {_first(bits, ~(bits >= 1)):g}, and has to be 1 or more"
        if bits is not None and (bits != np.round(bits)).any():
            return f"its bit width is {_first(bits, bits != np.round(bits)):g}, which is no whole number"
        if bits is not None and (bits == 1).all() and node.attributes.get_int("narrow", 0):
            return "is narrow with one bit: it has one code only"
    return None


def _first(values: NDArray[Any], wrong: NDArray[Any]) -> float:
    return float(values[wrong].reshape(-1)[0])
