# SPDX-License-Identifier: Apache-2.0
"""Absorb monotone functions into the thresholds that read them.

``tanh(x) >= t`` is ``x >= atanh(t)``: a quantized tanh costs nothing in hardware.  FINN itself knows only Relu.
"""
# ruff: noqa: TID253 - runs only in the tool environment

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

FAR = 1e30
"""Stands for a threshold that is always, or never, reached; rounding clips it to the accumulator's range."""

Thresholds = NDArray[np.float64]


def _atanh(t: Thresholds) -> Thresholds:
    inner = np.arctanh(np.clip(t, -1, 1), where=np.abs(t) < 1, out=np.zeros_like(t))
    return np.where(t <= -1, -FAR, np.where(t > 1, FAR, np.where(t == 1, FAR, inner)))


def _logit(t: Thresholds) -> Thresholds:
    safe = np.clip(t, 1e-300, 1 - 1e-16)
    return np.where(t <= 0, -FAR, np.where(t >= 1, FAR, np.log(safe / (1 - safe))))


INVERSES: dict[str, Callable[[Thresholds], Thresholds]] = {"Tanh": _atanh, "Sigmoid": _logit}


class AbsorbMonotone(Transformation):  # type: ignore[misc]
    """Move Tanh, Sigmoid, Relu and Clip into the MultiThreshold that alone reads them."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Absorb one function."""
        for node in model.graph.node:
            if node.op_type != "MultiThreshold":
                continue
            before = model.find_producer(node.input[0])
            if before is None or model.is_fork_node(before):
                continue
            inverse = _inverse(model, before)
            if inverse is not None:
                thresholds = model.get_initializer(node.input[1]).astype(np.float64)
                model.set_initializer(node.input[1], inverse(thresholds).astype(np.float32))
                node.input[0] = before.input[0]
                model.graph.node.remove(before)
                return model, True
        return model, False


def _inverse(model: ModelWrapper, node: NodeProto) -> Callable[[Thresholds], Thresholds] | None:
    if node.op_type not in {"Clip", "Relu"}:
        return INVERSES.get(node.op_type)
    low, high = (0.0, np.inf) if node.op_type == "Relu" else _limits(model, node)
    return lambda t: np.where(t <= low, -FAR, np.where(t > high, FAR, t))


def _limits(model: ModelWrapper, node: NodeProto) -> tuple[float, float]:
    found = []
    for index, default in ((1, -np.inf), (2, np.inf)):
        given = model.get_initializer(node.input[index]) if len(node.input) > index and node.input[index] else None
        found.append(default if given is None else float(given))
    return found[0], found[1]
