# SPDX-License-Identifier: Apache-2.0
"""What becomes of QONNX's quantizers: there is no INT8 on a Myriad X, all is FP16.

Weights are baked in: the float values that the quantizer gives.  Quantizers of activations are either written out in
standard operators (``round``, value for value), or keep only what FP16 does not have, their saturation (``clip``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.errors import ModelError
from drawplate.graph.chain import Chain
from drawplate.graph.facts import DEFAULTS
from drawplate.graph.nodes import attribute, constants, is_quantizer, layer, replace_nodes
from drawplate.ort.standard import limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

NARROW = DEFAULTS["Quant"]["narrow"]


def write_quantizers(proto: ModelProto, mode: str) -> tuple[str, ...]:
    """Replace quantizers of activations as ``mode`` says, and say what was done; others stay for constant folding.

    Args:
        proto: the model; it is changed.
        mode: ``round`` or ``clip``.

    Raises:
        ModelError: for a quantizer to one bit, whose sign the chip has no operator for.
    """
    on_weights = _fed_by_constants(proto)
    activations = [
        index for index, node in enumerate(proto.graph.node) if is_quantizer(node) and node.output[0] not in on_weights
    ]
    known = constants(proto)
    for index in activations:
        _refuse_sign(proto.graph.node[index], known)
    if not any(is_quantizer(node) for node in proto.graph.node):
        return ()
    notes = ["INT8 does not exist on this chip: quantized weights are baked in and run as FP16, no faster for it"]
    if activations and mode == "clip":
        replace_nodes(proto, {index: _clip(proto, proto.graph.node[index], known) for index in activations})
        notes.append(f"{len(activations)} quantizers of activations only saturate: their rounding is left out")
    elif activations:
        notes.append(
            f"{len(activations)} quantizers of activations are written out (scale, clip, round, scale), each as stages "
            'of its own; activations = "clip" keeps only their saturation'
        )
    return tuple(notes)


def _fed_by_constants(proto: ModelProto) -> set[str]:
    """Names of values that follow from constants alone."""
    fixed = {"", *(tensor.name for tensor in proto.graph.initializer)}
    for node in proto.graph.node:
        if all(name in fixed for name in node.input):
            fixed.update(node.output)
    return fixed


def _refuse_sign(node: NodeProto, known: dict[str, NDArray[np.float32]]) -> None:
    bits = known.get(node.input[3]) if node.op_type != "BipolarQuant" and len(node.input) > 3 else None
    one_bit = bits is not None and float(bits.max()) == 1 and attribute(node, "signed", 1)
    if node.op_type == "BipolarQuant" or one_bit:
        raise ModelError(
            "quantizes an activation to its sign, and the Myriad X has no such operator",
            where=layer(node),
            hint="give activations 2 bits or more (act_bits = 2), or leave them in float",
        )


def _clip(proto: ModelProto, node: NodeProto, known: dict[str, NDArray[np.float32]]) -> list[NodeProto]:
    """Clip to the quantizer's range."""
    import numpy as np

    values = [known.get(name) for name in node.input[1:4]]
    if node.op_type not in ("Quant", "IntQuant") or any(value is None or value.size != 1 for value in values):
        raise ModelError(
            "its scale, zero point or bits are not one constant each",
            where=layer(node),
            hint='use activations = "round"',
        )
    scale, zero, bits = (np.float32(np.asarray(value).reshape(())) for value in values if value is not None)
    low, high = limits(
        np.asarray(bits),
        signed=bool(attribute(node, "signed", 1)),
        narrow=bool(attribute(node, "narrow", NARROW)),
    )
    chain = Chain(proto, node)
    return chain.finish(chain.clip(node.input[0], float((low - zero) * scale), float((high - zero) * scale)))
