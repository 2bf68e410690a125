# SPDX-License-Identifier: Apache-2.0
"""What FP16 does to a model: every constant and every computed value rounded to 11 bits of mantissa.

The chip computes in FP16.  A host's OpenVINO computes in FP32 and drops casts to FP16 and back, so values are rounded
by arithmetic that it cannot drop: with k = 2^13 + 1, (k x) - ((k x) - x) is x rounded to FP16's 11 bits (Dekker,
Numerische Mathematik 18, 1971, section 5.7).  Sums within a layer stay FP32, and numbers below FP16's normal range keep
more bits than they would have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drawplate_target_myriadx.words import words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

SPLIT: Final = 2**13 + 1
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
    nodes: list[NodeProto] = []
    names = {taken: f"{taken}/half"}
    nodes.extend(_rounding(taken, names[taken]))
    results = {value.name for value in proto.graph.output}
    for node in proto.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = names.get(name, name)
        if node.op_type in EXACT:
            nodes.append(node)
            continue
        inner = [f"{name}/full" if name else "" for name in node.output]
        given = list(node.output)
        del node.output[:]
        node.output.extend(inner)
        nodes.append(node)
        for full, name in zip(inner, given, strict=True):
            if name:
                nodes.extend(_rounding(full, name))
    assert results <= {output for node in nodes for output in node.output}
    proto.graph.initializer.append(onnx.numpy_helper.from_array(_split(), "half/split"))
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)
    return proto


def _split() -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(SPLIT, np.float32)


def _rounding(value: str, result: str) -> list[NodeProto]:
    from onnx import helper

    wide, rest = f"{result}/wide", f"{result}/rest"
    return [
        helper.make_node("Mul", [value, "half/split"], [wide]),
        helper.make_node("Sub", [wide, value], [rest]),
        helper.make_node("Sub", [wide, rest], [result]),
    ]


def _round_constants(proto: ModelProto) -> None:
    import numpy as np
    from onnx import numpy_helper

    for tensor in proto.graph.initializer:
        if tensor.data_type == FLOAT:
            rounded = numpy_helper.to_array(tensor).astype(np.float16).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(rounded, tensor.name))
