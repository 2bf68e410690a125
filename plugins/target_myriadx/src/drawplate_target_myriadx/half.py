# SPDX-License-Identifier: Apache-2.0
"""What FP16 does to a model: every constant and every computed value rounded to 11 bits of mantissa.

The chip computes in FP16.  A host's OpenVINO computes in FP32 and drops casts to FP16 and back, so values are rounded
by arithmetic that it cannot drop: with k = 2^13 + 1, (k x) - ((k x) - x) is x rounded to FP16's 11 bits (Dekker,
Numerische Mathematik 18, 1971, section 5.7).  Sums within a layer stay FP32, and numbers below FP16's normal range keep
more bits than they would have.  Numbers beyond its range become the largest that it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drawplate_target_myriadx.words import words

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

SPLIT: Final = 2**13 + 1
LARGEST: Final = 65504
EXACT: Final = words(
    """Clip Concat Constant DepthToSpace Expand Flatten Gather GlobalMaxPool Identity MaxPool Max Min Neg Pad ReduceMax
    ReduceMin Relu Reshape Round Shape Slice SpaceToDepth Split Squeeze Transpose Unsqueeze"""
)
"""Operators that give values which they took."""
FLOAT: Final = 1


def round_to_half(source: ModelProto) -> ModelProto:
    """Return a copy of a prepared model that rounds to FP16 wherever the chip stores a value."""
    import onnx

    proto = onnx.ModelProto()
    proto.CopyFrom(source)
    _round_constants(proto)
    known = {tensor.name for tensor in proto.graph.initializer}
    taken = next(value.name for value in proto.graph.input if value.name not in known)
    nodes = _rounding(taken, f"{taken}/half")
    for node in proto.graph.node:
        for index, name in enumerate(node.input):
            if name == taken:
                node.input[index] = f"{taken}/half"
        given = [] if node.op_type in EXACT else [name for name in node.output if name]
        for index, name in enumerate(node.output):
            if name in given:
                node.output[index] = f"{name}/full"
        nodes += [node, *(step for name in given for step in _rounding(f"{name}/full", name))]
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)
    for name, value in (("split", SPLIT), ("most", LARGEST), ("least", -LARGEST)):
        proto.graph.initializer.append(onnx.helper.make_tensor(f"half/{name}", FLOAT, [], [float(value)]))
    return proto


def _rounding(value: str, result: str) -> list[NodeProto]:
    """Limit to FP16's range, and round."""
    from onnx import helper

    cut, kept, wide, rest = (f"{result}/{part}" for part in ("cut", "kept", "wide", "rest"))
    return [
        helper.make_node("Min", [value, "half/most"], [cut]),
        helper.make_node("Max", [cut, "half/least"], [kept]),
        helper.make_node("Mul", [kept, "half/split"], [wide]),
        helper.make_node("Sub", [wide, kept], [rest]),
        helper.make_node("Sub", [wide, rest], [result]),
    ]


def _round_constants(proto: ModelProto) -> None:
    import numpy as np
    from onnx import numpy_helper

    for tensor in proto.graph.initializer:
        if tensor.data_type == FLOAT:
            rounded = numpy_helper.to_array(tensor).astype(np.float16).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(rounded, tensor.name))
