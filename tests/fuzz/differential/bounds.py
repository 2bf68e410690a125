# SPDX-License-Identifier: Apache-2.0
"""How far float32 may be off, proven: a bound of its rounding errors at every quantizer.

N roundings of sums and products, each by a share of at most u = 2**-24, move a result by at most N u / (1 - N u) times
what comes out when every number is replaced by its magnitude (Higham, Accuracy and Stability of Numerical Algorithms,
2nd edition, section 3.1).  So the model is run once more on magnitudes.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, helper, numpy_helper

from drawplate.testing.exact import Exact, Quantized, of_array, run_exact

Array = np.ndarray[Any, Any]
UNIT = Fraction(1, 1 << 24)
SMOOTH = frozenset({"Relu", "LeakyRelu", "PRelu", "Elu", "Clip", "Tanh", "Sigmoid", "HardSigmoid"})
"""Functions that make no difference larger; their own result is off by a few units of at most 1."""
FUNCTION = 4
ONE = "bounds.one"


def slacks(proto: ModelProto, x: Array, floats: dict[str, Array]) -> dict[str, Array]:
    """Return by how many steps float32 may miss each input of a quantizer, by the quantizer's output.

    Args:
        proto: the model.
        x: its input.
        floats: outputs of every quantizer in float32; they are what later layers are fed.
    """
    count = _roundings(proto)
    found: dict[str, Array] = {}

    def watch(node: NodeProto, quantized: Quantized) -> Exact:
        zero = quantized.zero.floats()  # adding it is rounded, too
        steps = np.abs(quantized.ratio.floats() - zero) + np.abs(zero) + 1
        found[node.output[0]] = float(count * UNIT) * steps
        return of_array(np.abs(floats[node.output[0]]))

    run_exact(_magnitudes(proto), np.abs(x), watch)
    return found


def _roundings(proto: ModelProto) -> int:
    """Count roundings on the longest way through the graph: at most so many as all nodes have together.

    Twice, since the magnitude of the most negative weight may be clipped by one code.
    """
    arrays = {tensor.name: tensor.dims for tensor in proto.graph.initializer}
    makers = {name: node for node in proto.graph.node for name in node.output}
    total = 0
    for node in proto.graph.node:
        if node.op_type in {"Conv", "Gemm", "MatMul"}:
            name = node.input[1]
            while name not in arrays and name in makers:
                name = makers[name].input[0]
            sizes = arrays.get(name, [1])
            total += 2 * math.prod(sizes) // max(1, min(sizes, default=1)) + 2
        elif node.op_type == "BatchNormalization":
            total += 8
        elif node.op_type in {"AveragePool", "GlobalAveragePool", "ReduceMean"}:
            total += 64
        else:
            total += 2 + FUNCTION * (node.op_type in SMOOTH)
    return 2 * total


def _magnitudes(proto: ModelProto) -> ModelProto:
    """Return the model on magnitudes: no difference is taken, and no function flattens anything."""
    found = ModelProto()
    found.CopyFrom(proto)
    quantizers = {"Quant", "IntQuant", "BipolarQuant", "Trunc"}
    kept = {name for node in proto.graph.node if node.op_type in quantizers for name in node.input[1:]}
    shaping = {"Reshape", "Pad", "Squeeze", "Unsqueeze", "Gather", "Resize", "ReduceMean", "ReduceMax"}
    kept |= {name for node in proto.graph.node if node.op_type in shaping for name in node.input[1:]}
    means = {node.input[3] for node in proto.graph.node if node.op_type == "BatchNormalization"}
    for tensor in found.graph.initializer:
        if tensor.name not in kept:
            sign = -1 if tensor.name in means else 1
            tensor.CopyFrom(numpy_helper.from_array(sign * np.abs(numpy_helper.to_array(tensor)), tensor.name))
    found.graph.initializer.append(numpy_helper.from_array(np.float32(1), ONE))
    changed = [_on_magnitudes(node) for node in found.graph.node]
    del found.graph.node[:]
    found.graph.node.extend(changed)
    return found


def _on_magnitudes(node: NodeProto) -> NodeProto:
    if node.op_type == "Sub":
        node.op_type = "Add"
    if node.op_type in SMOOTH:
        # What comes out is at most what goes in, or 1.
        return helper.make_node("Add", [node.input[0], ONE], node.output, name=node.name)
    return node
