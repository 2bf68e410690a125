# SPDX-License-Identifier: Apache-2.0
"""BatchNormalization after a fully connected layer, folded into the layer.

The compiler folds it into convolutions only, and the chip has no operator for what is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.graph.facts import STANDARD
from drawplate.graph.nodes import attribute, constants, set_attribute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    Arrays = dict[str, NDArray[np.float32]]


def fold_dense_norms(proto: ModelProto) -> tuple[str, ...]:
    """Fold where a Gemm with constant weights feeds a BatchNormalization and nothing else, in place."""
    known = constants(proto)
    makers = {output: node for node in proto.graph.node for output in node.output}
    readers = [name for node in proto.graph.node for name in node.input]
    readers += [value.name for value in proto.graph.output]
    folded = []
    for norm in proto.graph.node:
        gemm = makers.get(norm.input[0]) if norm.input else None
        if norm.op_type != "BatchNormalization" or norm.domain not in STANDARD or gemm is None:
            continue
        alone = readers.count(norm.input[0]) == 1
        if gemm.op_type == "Gemm" and alone and all(name in known for name in (*gemm.input[1:], *norm.input[1:])):
            _fold(proto, gemm, norm, known)
            folded.append(norm)
    for norm in folded:
        proto.graph.node.remove(norm)
    return (f"{len(folded)} BatchNormalization folded into fully connected layers",) if folded else ()


def _fold(proto: ModelProto, gemm: NodeProto, norm: NodeProto, known: Arrays) -> None:
    """With factor = scale / sqrt(variance + epsilon): weight * factor, (bias - mean) * factor + shift."""
    import numpy as np
    from onnx import numpy_helper

    scale, shift, mean, variance = (known[name].astype(np.float64) for name in norm.input[1:5])
    factor = scale / np.sqrt(variance + attribute(norm, "epsilon", 1e-5))
    weight = known[gemm.input[1]].astype(np.float64) * attribute(gemm, "alpha", 1.0)
    bias = known[gemm.input[2]].astype(np.float64) * attribute(gemm, "beta", 1.0) if len(gemm.input) > 2 else 0.0
    weight = weight * (factor[:, None] if attribute(gemm, "transB", 0) else factor[None, :])
    names = [f"{norm.output[0]}/folded.{part}" for part in ("weight", "bias")]
    for name, value in zip(names, (weight, np.broadcast_to((bias - mean) * factor + shift, factor.shape)), strict=True):
        proto.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), name))
    gemm.input[:] = [gemm.input[0], *names]
    gemm.output[0] = norm.output[0]
    set_attribute(gemm, "alpha", 1.0)
    set_attribute(gemm, "beta", 1.0)
