# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Bias correction: what rounding moves a layer's outputs by on average is taken off again (Nagel et al., ICCV 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from onnx import numpy_helper

from drawplate_quant_finn.posttraining.taps import Taps

if TYPE_CHECKING:
    from onnx import NodeProto
    from torch import Tensor

    from drawplate_quant_finn.graph import Graph


def correct_bias(graph: Graph, layer: str, rounded: Taps, plain: Taps) -> bool:
    """Move a layer's bias, or the mean of the BatchNormalization behind it, in place.

    Returns:
        whether there is either.
    """
    node = next(node for node in graph.nodes if node.name == layer)
    place = _place(graph, node)
    if place is None:
        return False
    name, sign = place
    output = node.output[0]
    off = _mean(rounded, output) - _mean(plain, output)
    tensor = next(held for held in graph.proto.graph.initializer if held.name == name)
    moved = numpy_helper.to_array(tensor) + sign * off.numpy().reshape(tuple(tensor.dims))
    tensor.CopyFrom(numpy_helper.from_array(moved.astype(np.float32), name))
    return True


def _place(graph: Graph, node: NodeProto) -> tuple[str, int] | None:
    """Return the initializer that shifts each channel of the outputs, and how."""
    given = {tensor.name for tensor in graph.proto.graph.initializer}
    readers = graph.readers(node.output[0])
    if node.op_type in {"Conv", "Gemm"} and len(node.input) > 2 and node.input[2] in given:
        return node.input[2], -1
    if len(readers) == 1 and readers[0].op_type == "BatchNormalization":
        return readers[0].input[3], 1
    if len(readers) == 1 and readers[0].op_type == "Add":
        bias = next((name for name in readers[0].input if name in given), None)
        return (bias, -1) if bias else None
    return None


def _mean(taps: Taps, name: str) -> Tensor:
    sums = [batch.double().transpose(0, 1).flatten(1) for batch in taps.values(name)]
    return torch.stack([part.sum(1) for part in sums]).sum(0) / sum(part.shape[1] for part in sums)
