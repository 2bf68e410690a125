# SPDX-License-Identifier: Apache-2.0
"""From FINN's MVAU to the integers of a matrix layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from drawplate.errors import ModelError
from drawplate_dataflow.layers.levels import activation_type, per_channel
from drawplate_dataflow.network import BIPOLAR, Memory, Stream, spanning
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import sum_range

STYLES = {Memory.BLOCK: "block", Memory.LUT: "distributed", Memory.AUTO: "auto"}
"""FINN's words for where weights are kept."""
MEMORIES = {style: memory for memory, style in STYLES.items()}


def read_matrix(node: Node, context: Context) -> dict[str, Any]:
    """Return the fields of a matrix layer.

    Raises:
        ModelError: by the node's name.
    """
    stream = context.stream(node)
    weights = context.constants.integers(node, 1)
    weight_type, x = node.type("weightDataType"), stream.type
    counts = bool(node.integer("binaryXnorMode", 0))
    if counts:
        weights, weight_type = 2 * weights - 1, BIPOLAR
    if weight_type.bipolar and np.any(np.abs(weights) != 1):
        raise ModelError("bipolar weights other than -1 and +1", where=node.where)
    mw, mh = weights.shape
    height, width = _pixels(stream, mw, node)
    if node.integer("noActivation", 0):
        thresholds = None
        low, high = sum_range(weights, x)
        kind = spanning(int(low.min()), int(high.max()))
    else:
        thresholds = per_channel(context.constants.integers(node, 2), mh)
        # FINN counts agreements in this mode, the sum of +-1 products is twice that minus all.
        thresholds = 2 * thresholds - mw if counts else thresholds
        kind = activation_type(node)
    return {
        "name": node.name,
        "inputs": (context.source(node),),
        "output": Stream(shape=(height, width, mh), type=kind),
        "weights": weights,
        "weight_type": weight_type,
        "thresholds": thresholds,
        "pe": node.integer("PE", 1),
        "simd": node.integer("SIMD", 1),
        "memory": MEMORIES.get(node.text("ram_style", "auto"), Memory.AUTO),
        "dsp_pe": blocks_of(node.text("resType", "auto"), node.integer("dsp_pe", 0), node.integer("PE", 1)),
    }


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
