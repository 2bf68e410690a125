# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Element-wise arithmetic and comparisons."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from drawplate.torch.handlers import Handler, Node, Op
from drawplate.torch.ops.safe import Exp, Log, Sqrt, divided, raised


def _is(function: Callable[..., Any]) -> Handler:
    return lambda _node: Op(function)


def _fold(function: Callable[[Tensor, Tensor], Tensor]) -> Handler:
    """Make a handler for an operator of any number of inputs."""
    return lambda _node: Op(lambda *values: functools.reduce(function, values))


def divide(_node: Node) -> Op:
    """Div: integers are divided towards zero."""

    def call(a: Tensor, b: Tensor) -> Tensor:
        return divided(a, b) if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")

    return Op(call)


def power(node: Node) -> Op:
    """Pow: a constant exponent belongs to the formula and is not trained."""
    if node.constant(1) is None:
        return Op(torch.pow)

    def call(x: Tensor, y: Tensor) -> Tensor:
        return raised(x, y.to(x.dtype)) if x.is_floating_point() else torch.pow(x, y).to(x.dtype)

    return Op(call, formula=(1,))


def reciprocal(_node: Node) -> Op:
    """Reciprocal."""
    return Op(lambda x: divided(x.new_ones(()), x))


def mean(node: Node) -> Op:
    """Mean of any number of inputs."""
    count = len(node.inputs)
    return Op(lambda *values: functools.reduce(torch.add, values) / count)


def einsum(node: Node) -> Op:
    """Einsum, as its equation says."""
    equation = str(node.attributes["equation"])
    return Op(lambda *values: torch.einsum(equation, *values))


def cast(node: Node) -> Op:
    """Cast to a type that torch has."""
    from onnx import helper

    name = str(helper.tensor_dtype_to_np_dtype(node.attributes["to"]))
    kind = getattr(torch, name, None)
    if kind is None:
        raise node.error(f"casts to {name}")
    return Op(lambda x: x.to(kind))


OPS: dict[str, Handler] = {
    "Abs": _is(torch.abs),
    "Add": _is(torch.add),
    "And": _is(torch.logical_and),
    "Cast": cast,
    "Ceil": _is(torch.ceil),
    "Cos": _is(torch.cos),
    "Div": divide,
    "Einsum": einsum,
    "Equal": _is(torch.eq),
    "Exp": _is(Exp.apply),
    "Floor": _is(torch.floor),
    "Greater": _is(torch.gt),
    "GreaterOrEqual": _is(torch.ge),
    "Less": _is(torch.lt),
    "LessOrEqual": _is(torch.le),
    "Log": _is(Log.apply),
    "Max": _fold(torch.maximum),
    "Mean": mean,
    "Min": _fold(torch.minimum),
    "Mul": _is(torch.mul),
    "Neg": _is(torch.neg),
    "Not": _is(torch.logical_not),
    "Or": _is(torch.logical_or),
    "Pow": power,
    "Reciprocal": reciprocal,
    "Round": _is(torch.round),
    "Sign": _is(torch.sign),
    "Sin": _is(torch.sin),
    "Sqrt": _is(Sqrt.apply),
    "Sub": _is(torch.sub),
    "Sum": _fold(torch.add),
    "Where": _is(torch.where),
}
