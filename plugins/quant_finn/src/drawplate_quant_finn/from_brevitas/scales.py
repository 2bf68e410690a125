# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Scales of an exported model: trained, following the weights, or fixed, as each is in Brevitas.

Brevitas' exporter writes every scale as the number that it is now.  Here a parameter becomes an initializer, the
largest magnitude of weights a piece of graph that follows them, and anything else a Constant.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from brevitas.core.restrict_val import IntRestrictValue, PowerOfTwoRestrictValue, QuantRestrictValue
from brevitas.core.scaling import (
    ParameterFromRuntimeStatsScaling,
    ParameterFromStatsFromParameterScaling,
    ParameterScaling,
    StatsFromParameterScaling,
)
from brevitas.core.stats import AbsMax
from torch import nn

from drawplate_quant_finn.quantizing.surgery import constant_array
from drawplate_quant_finn.quantizing.weights import following_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import NodeProto

    from drawplate_quant_finn.graph import Graph


class Kind(StrEnum):
    """What becomes of a scale in training."""

    TRAINED = "trained"
    FOLLOWING = "following the largest weight"
    POWER = "fixed powers of two"
    FIXED = "fixed"


PARAMETERS: Final = (ParameterScaling, ParameterFromStatsFromParameterScaling, ParameterFromRuntimeStatsScaling)
NEAR: Final = 1e-6
"""Of a scale to the one that the graph computes, relative: both are float32."""


def kind_of(proxy: nn.Module) -> Kind:
    """Tell what a quantizer's scale is in Brevitas."""
    scaling = _scaling_of(proxy)
    if scaling is None:
        return Kind.FIXED
    parts = list(scaling.modules())
    if any(isinstance(part, PowerOfTwoRestrictValue) for part in parts):
        return Kind.POWER
    if any(isinstance(part, IntRestrictValue | QuantRestrictValue) for part in parts):
        return Kind.FIXED
    if isinstance(scaling, PARAMETERS):
        return Kind.TRAINED
    follows = isinstance(scaling, StatsFromParameterScaling) and any(isinstance(part, AbsMax) for part in parts)
    return Kind.FOLLOWING if follows else Kind.FIXED


def write_scale(graph: Graph, nodes: list[NodeProto], kind: Kind, name: str) -> Kind:
    """Give the quantizers of one proxy a scale of their own, of a kind.

    Args:
        graph: the model.
        nodes: quantizers that share the scale; their second input is the number that Brevitas wrote.
        kind: what it is to be.
        name: of the layer's part.

    Returns:
        what it became: fixed where the graph cannot follow what Brevitas computes.
    """
    value = np.asarray(graph.arrays()[nodes[0].input[1]], dtype=np.float32)
    if kind is Kind.FOLLOWING:
        made = _following(graph, nodes, value, name)
        if made:
            return kind
        kind = Kind.FIXED
    if kind is Kind.TRAINED:
        scale = graph.add_array(f"{name}.scale", value)
    else:
        scale = graph.fresh(f"{name}.scale")
        graph.insert_before(_first(graph, nodes), [constant_array(scale, value)])
    for node in nodes:
        node.input[1] = scale
    return kind


def _following(graph: Graph, nodes: list[NodeProto], value: NDArray[np.float32], name: str) -> bool:
    """Write max|w| / divisor, where that is the scale; the divisor is the whole number that Brevitas divides by."""
    source = nodes[0].input[0]
    weights = graph.arrays().get(source)
    if weights is None or not weights.any():
        return False
    axes = None if value.size == 1 else tuple(axis for axis, size in enumerate(value.shape) if size == 1)
    if axes is not None and value.ndim != weights.ndim:
        return False
    largest = np.abs(weights).max(axis=axes, keepdims=axes is not None)
    divisor = round(float((largest / value.reshape(np.shape(largest))).max()))
    if not divisor or not np.allclose(largest / np.float32(divisor), value.reshape(np.shape(largest)), rtol=NEAR):
        return False
    scale, before = following_scale(graph, name, source, divisor, axes)
    graph.insert_before(_first(graph, nodes), before)
    for node in nodes:
        node.input[1] = scale
    return True


def _scaling_of(proxy: Any) -> nn.Module | None:
    fused = getattr(proxy, "fused_activation_quant_proxy", None)
    quant = getattr(fused if fused is not None else proxy, "tensor_quant", None)
    found = getattr(quant, "scaling_impl", None)
    return found if isinstance(found, nn.Module) else None


def _first(graph: Graph, nodes: list[NodeProto]) -> NodeProto:
    return min(nodes, key=graph.nodes.index)
