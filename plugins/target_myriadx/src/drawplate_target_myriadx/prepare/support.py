# SPDX-License-Identifier: Apache-2.0
"""Which operators a Myriad X runs, told by layer name before the compiler is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from drawplate.errors import ModelError
from drawplate.graph.facts import STANDARD
from drawplate.graph.nodes import attribute, layer, name_of
from drawplate_target_myriadx.words import words

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

SUPPORTED: Final = words(
    """Add AveragePool BatchNormalization Ceil Clip Concat Conv ConvTranspose DepthToSpace Div Elu Erf Exp
    Expand Flatten Floor Gather Gemm GlobalAveragePool GlobalMaxPool Identity InstanceNormalization LRN LeakyRelu
    Log MatMul Max MaxPool Min Mul Neg PRelu Pad Pow ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Resize
    Round Sigmoid Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze Upsample"""
)
"""ONNX operators that compile, each tried (see the tests); attributes may still be refused by the compiler."""

HINTS: Final[Mapping[str, str]] = {
    "QuantizeLinear": "there is no INT8 on this chip: give it the model before its quantization, or a QONNX one",
    "DequantizeLinear": "there is no INT8 on this chip: give it the model before its quantization, or a QONNX one",
    "GroupNormalization": "use BatchNormalization, which costs nothing here",
    "ArgMax": "leave it to the host: the greatest of a few logits",
    "TopK": "leave it to the host: the greatest of a few logits",
    "Sign": "use Clip or Tanh",
    "Einsum": "write it as MatMul and Transpose",
    "GridSample": "use Resize with mode 'linear'",
    "MaxPool": "a dilated pool does not exist here",
    "AveragePool": "leave out ceil_mode or count_include_pad: together they are misread",
    "ConvTranspose": "write the padding as numbers instead of SAME_UPPER or SAME_LOWER",
    "Resize": "only the modes 'nearest' and 'linear' exist",
    "Cast": "export the model in FP32: the chip computes in FP16 whatever its types are",
    "LSTM": "recurrent layers do not exist here: use convolutions over time",
    "GRU": "recurrent layers do not exist here: use convolutions over time",
    "LogSoftmax": "leave it out: the greatest logit stays the greatest",
}
SHOWN: Final = 8


def check_domains(proto: ModelProto) -> None:
    """Refuse operators that are not ONNX's own.

    Raises:
        ModelError: by layer name.
    """
    for node in proto.graph.node:
        if node.domain not in STANDARD:
            raise ModelError(
                f"{node.domain}.{node.op_type} is no standard ONNX operator",
                where=layer(node),
                hint="write the layer in standard ONNX operators",
            )


def _runs(node: NodeProto) -> bool:
    if node.op_type == "Resize":
        return attribute(node, "mode", "nearest") in ("nearest", "linear")
    if node.op_type == "MaxPool":
        return all(size == 1 for size in attribute(node, "dilations", []))
    if node.op_type == "ConvTranspose":
        return not str(attribute(node, "auto_pad", "NOTSET")).startswith("SAME")
    if node.op_type == "AveragePool":  # misread: the last windows are divided by another number
        return not (attribute(node, "ceil_mode", 0) and attribute(node, "count_include_pad", 0))
    return node.op_type in SUPPORTED


def check_operators(proto: ModelProto, origins: Mapping[str, NodeProto]) -> None:
    """Refuse operators that the chip or its compiler lacks.

    Args:
        proto: the model.
        origins: the layers to name for nodes that are only parts of them, by the nodes' first output.

    Raises:
        ModelError: by layer name, with a rewrite that would help where one is known.
    """
    blamed = [origins.get(node.output[0], node) for node in proto.graph.node if not _runs(node)]
    wrong = list({name_of(node): node for node in blamed}.values())
    if not wrong:
        return
    names = ", ".join(f"{name_of(node)!r} ({node.op_type})" for node in wrong[:SHOWN])
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    hints = [HINTS[kind] for kind in dict.fromkeys(node.op_type for node in wrong) if kind in HINTS]
    raise ModelError(
        f"the Myriad X has no operator for {names}{more}",
        where=layer(wrong[0]),
        hint=hints[0] if hints else "write these layers in other operators, or leave them to the host",
    )
