# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Activations and dropout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op


def _plain(function: Callable[..., Any], **attributes: tuple[str, float]) -> Handler:
    """Make a handler for a function, its keyword arguments taken from attributes (name, default)."""

    def handler(node: Node) -> Op:
        found = {key: node.attribute(name, default) for key, (name, default) in attributes.items()}
        return Op(partial(function, **found) if found else function)

    return handler


def clip(node: Node) -> Op:
    """Clip: limits are attributes before opset 11, optional inputs since."""
    if node.opset < 11:
        low, high = node.attribute("min", None), node.attribute("max", None)
        return _between(low, high)
    given = [node.constant(index) for index in (1, 2)]
    if any(node.has(index) and given[index - 1] is None for index in (1, 2)):
        return Op(lambda x, low=None, high=None: torch.clamp(x, low, high), buffers=(1, 2))
    low, high = (None if value is None else value.item() for value in given)
    return _between(low, high)


def _between(low: float | None, high: float | None) -> Op:
    if low is None and high is None:
        return Op(lambda x: x, static=(1, 2))
    if low == 0 and high is None:
        return Op(F.relu, static=(1, 2))
    return Op(lambda x: x.clamp(low, high), static=(1, 2))


def softmax(function: Callable[..., Tensor]) -> Handler:
    """Softmax and LogSoftmax: before opset 13 everything from the axis on is one dimension."""

    def handler(node: Node) -> Op:
        axis = node.attribute("axis", -1 if node.opset >= 13 else 1)
        if node.opset >= 13:
            return Op(lambda x: function(x, axis))
        return Op(
            lambda x: (
                function(x.flatten(axis), -1).reshape(x.shape) if axis % x.ndim < x.ndim - 1 else function(x, axis)
            )
        )

    return handler


def dropout(node: Node) -> Op:
    """Dropout: active while training only; the ratio is an attribute before opset 12, an input since."""
    ratio = node.attribute("ratio", 0.5)
    if node.opset >= 12 and node.has(1):
        ratio = node.required(1, "ratio").item()
    if len(node.outputs) > 1 and node.outputs[1]:
        raise node.error("its mask is used as an output")
    return Op(nn.Dropout(ratio), static=(1, 2))


def gelu(node: Node) -> Op:
    """Gelu, exact or by tanh."""
    return Op(partial(F.gelu, approximate=node.attribute("approximate", "none")))


def p_relu(_node: Node) -> Op:
    """PRelu: the slope is trained."""
    return Op(lambda x, slope: torch.where(x < 0, x * slope, x))


def _hard_sigmoid(x: Tensor, alpha: float, beta: float) -> Tensor:
    return (alpha * x + beta).clamp(0, 1)


def _selu(x: Tensor, alpha: float, gamma: float) -> Tensor:
    return gamma * F.elu(x, alpha)


def _thresholded(x: Tensor, alpha: float) -> Tensor:
    return F.threshold(x, alpha, 0.0)


OPS: dict[str, Handler] = {
    "Clip": clip,
    "Dropout": dropout,
    "Celu": _plain(F.celu, alpha=("alpha", 1.0)),
    "Elu": _plain(F.elu, alpha=("alpha", 1.0)),
    "Erf": _plain(torch.erf),
    "Gelu": gelu,
    "HardSigmoid": _plain(_hard_sigmoid, alpha=("alpha", 0.2), beta=("beta", 0.5)),
    "HardSwish": _plain(F.hardswish),
    "LeakyRelu": _plain(F.leaky_relu, negative_slope=("alpha", 0.01)),
    "LogSoftmax": softmax(torch.log_softmax),
    "Mish": _plain(F.mish),
    "PRelu": p_relu,
    "Relu": _plain(F.relu),
    "Selu": _plain(_selu, alpha=("alpha", 1.6732632), gamma=("gamma", 1.0507010)),
    "Sigmoid": _plain(torch.sigmoid),
    "Softmax": softmax(torch.softmax),
    "Softplus": _plain(F.softplus),
    "Softsign": _plain(F.softsign),
    "Tanh": _plain(torch.tanh),
    "ThresholdedRelu": _plain(_thresholded, alpha=("alpha", 1.0)),
}
