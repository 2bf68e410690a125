# SPDX-License-Identifier: Apache-2.0
"""From FINN's MVAU to the integers of a matrix layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from drawplate.errors import ModelError
from drawplate_dataflow.layers.levels import activation_type, per_channel
from drawplate_dataflow.network import BIPOLAR, IntType, Memory, Stream, spanning
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, sum_range

STYLES = {Memory.BLOCK: "block", Memory.LUT: "distributed", Memory.AUTO: "auto"}
"""FINN's words for where weights are kept."""
MEMORIES = {style: memory for memory, style in STYLES.items()}


def read_matrix(node: Node, context: Context) -> dict[str, Any]:
    """Return the fields of a matrix layer.

    Raises:
        ModelError: by the node's name.
    """
    stream = context.stream(node)
    weights, weight_type = weights_of(node, context)
    height, width = _pixels(stream, weights.shape[0], node)
    thresholds, kind = activated(node, context, weights, stream.type)
    return {
        "name": node.name,
        "inputs": (context.source(node),),
        "output": Stream(shape=(height, width, weights.shape[1]), type=kind),
        "weights": weights,
        "weight_type": weight_type,
        "thresholds": thresholds,
        "pe": node.integer("PE", 1),
        "simd": node.integer("SIMD", 1),
        "memory": MEMORIES.get(node.text("ram_style", "auto"), Memory.AUTO),
        "dsp_pe": blocks_of(node.text("resType", "auto"), node.integer("dsp_pe", 0), node.integer("PE", 1)),
    }


def weights_of(node: Node, context: Context) -> tuple[Integers, IntType]:
    """Return weights in the shape that they are stored in, and their type.

    Raises:
        ModelError: by the node's name, when they are not of this type.
    """
    weights, kind = context.constants.integers(node, 1), node.type("weightDataType")
    if _counts(node):
        weights, kind = 2 * weights - 1, BIPOLAR
    if kind.bipolar and np.any(np.abs(weights) != 1):
        raise ModelError("bipolar weights other than -1 and +1", where=node.where)
    return weights, kind


def activated(node: Node, context: Context, weights: Integers, x: IntType) -> tuple[Integers | None, IntType]:
    """Return thresholds, None where sums are sent, and the type of what is sent.

    Args:
        node: the layer.
        context: what has been read.
        weights: [inputs of an output, outputs].
        x: type of the inputs.
    """
    if node.integer("noActivation", 0):
        low, high = sum_range(weights, x)
        return None, spanning(int(low.min()), int(high.max()))
    thresholds = per_channel(context.constants.integers(node, 2), weights.shape[1])
    # FINN counts agreements in this mode, the sum of +-1 products is twice that minus all.
    return 2 * thresholds - len(weights) if _counts(node) else thresholds, activation_type(node)


def _counts(node: Node) -> bool:
    return bool(node.integer("binaryXnorMode", 0))


def blocks_of(kind: str, given: int, pe: int) -> int:
    """Return how many of PE processing elements multiply in multiplier blocks.

    Args:
        kind: FINN's attribute ``resType``: ``dsp`` for all of them, ``lut`` for none, ``auto`` for ``given``.
        given: drawplate's attribute ``dsp_pe``, 0 where there is none.
        pe: of the layer.
    """
    return {"dsp": pe, "lut": 0}.get(kind, given)


def _pixels(stream: Stream, mw: int, node: Node) -> tuple[int, int]:
    """Height and width of a matrix layer's output: a matrix over the whole frame flattens it."""
    if stream.channels == mw:
        return stream.shape[0], stream.shape[1]
    if stream.elements == mw:
        return 1, 1
    raise ModelError(f"{mw} inputs do not match a stream of {stream.shape}", where=node.where)
