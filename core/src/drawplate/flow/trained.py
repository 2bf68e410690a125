# SPDX-License-Identifier: Apache-2.0
"""A model as training may leave it: what follows a training step in a flow is checked with the worst of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.graph.facts import QUANT_OPS, STANDARD

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto

STEP = 1 / 64
"""By what equal numbers are told apart; small, so that estimates stay what they are."""


def as_if_trained(proto: ModelProto) -> ModelProto:
    """Return a copy whose numbers have no property that training does not keep.

    BatchNormalizations have a negative gamma and a gamma of 0, means and biases that are not 0, variances that differ;
    no two trained scales of quantizers are equal.  Whatever a step makes of this model, it makes of a trained one.
    """
    import numpy as np
    from onnx import numpy_helper

    copy = type(proto)()
    copy.CopyFrom(proto)
    tensors = {tensor.name: tensor for tensor in copy.graph.initializer}
    changed: set[str] = set()

    def change(name: str, value: NDArray[Any]) -> None:
        if name not in changed:
            changed.add(name)
            tensors[name].CopyFrom(numpy_helper.from_array(value.astype(np.float32), name))

    scales = 0
    for node in copy.graph.node:
        if node.op_type == "BatchNormalization" and node.domain in STANDARD and set(node.input[1:]) <= tensors.keys():
            for name, value in zip(node.input[1:], _normalisation(node.input[1:], tensors), strict=True):
                change(name, value)
        elif node.op_type in QUANT_OPS and node.domain not in STANDARD and node.input[1] in tensors:
            scales += 1
            change(node.input[1], numpy_helper.to_array(tensors[node.input[1]]) * (1 + STEP * scales / (scales + 1)))
    return copy


def _normalisation(names: Any, tensors: Any) -> list[NDArray[Any]]:
    import numpy as np
    from onnx import numpy_helper

    gamma, beta, mean, variance = (numpy_helper.to_array(tensors[name]).astype(np.float64) for name in names)
    spread = 1 + STEP * np.arange(len(gamma)) / max(1, len(gamma))
    gamma = np.where(gamma == 0, STEP, gamma) * spread
    gamma[:1] *= -1
    if len(gamma) > 2:
        gamma[1] = 0
    return [gamma, beta + STEP * spread, mean + STEP * spread, variance * spread]
