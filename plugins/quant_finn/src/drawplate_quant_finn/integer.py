# SPDX-License-Identifier: Apache-2.0
"""Run a lowered model in whole numbers, a batch at a time.

FINN's own executor takes one image at a time (8 to 50 images a second for the paper's MLP).  This one computes
the same integers for whole batches; tests compare the two.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from drawplate.errors import ModelError
from drawplate_quant_finn.graph import Graph, attribute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

    Tensor = NDArray[np.float64]
    """Whole numbers in double precision: exact up to 2**53, and multiplied by BLAS."""

BYTES = 1 << 28
"""Of the values of one batch."""


def batch_of(proto: ModelProto) -> int:
    """Return how many items are run at a time: their values take a quarter of a GiB, if all were kept."""
    graph = proto.graph
    each = sum(
        math.prod(max(1, dim.dim_value) for dim in value.type.tensor_type.shape.dim)
        for value in (*graph.input, *graph.value_info)
    )
    return max(1, min(500, BYTES // (8 * max(1, int(each)))))


def run_integer(proto: ModelProto, codes: NDArray[Any]) -> Tensor:
    """Return the outputs of a lowered model for input codes, shape (n, ...)."""
    import numpy as np

    output = proto.graph.output[0]
    step = batch_of(proto)
    parts = [
        run_values(proto, codes[i : i + step], keep=(output.name,))[output.name] for i in range(0, len(codes), step)
    ]
    # FINN's layers do not mind dimensions of 1; what the graph declares decides.
    return np.concatenate(parts).reshape(len(codes), *(d.dim_value for d in output.type.tensor_type.shape.dim[1:]))


def run_values(proto: ModelProto, codes: NDArray[Any], keep: Collection[str] | None = None) -> dict[str, Tensor]:
    """Return values of the graph by name, for one batch of input codes.

    Args:
        proto: the lowered model.
        codes: shape (n, ...).
        keep: names of the values that are wanted; all where left out.

    Raises:
        ModelError: for an operator that lowered models do not have.
    """
    import numpy as np

    graph = Graph(proto)
    constants = {name: np.asarray(array, dtype=np.float64) for name, array in graph.arrays().items()}
    values: dict[str, Tensor] = {graph.input: np.asarray(codes, dtype=np.float64)}
    waiting = Counter(name for node in graph.nodes for name in node.input)
    for node in graph.nodes:
        operator = OPERATORS.get(node.op_type)
        if operator is None:
            raise ModelError("is not an operator of a lowered model", where=f"node {node.name!r} ({node.op_type})")
        taken = [values[name] if name in values else constants[name] for name in node.input]
        given = operator(node, *taken)
        for name in node.output:
            values[name] = given
        if keep is not None:
            for name in node.input:
                waiting[name] -= 1
                if not waiting[name] and name not in keep:
                    values.pop(name, None)
    return values


def count_reached(values: Tensor, thresholds: Tensor) -> Tensor:
    """Count, per channel (last axis), the thresholds that a value reaches.

    Args:
        values: shape (..., channels).
        thresholds: shape (channels, steps), or (1, steps) for all channels alike.
    """
    import numpy as np

    ordered = np.sort(thresholds, axis=1)
    if len(ordered) == 1:
        return np.searchsorted(ordered[0], values, side="right").astype(np.float64)
    found = np.empty_like(values)
    for channel, steps in enumerate(ordered):
        found[..., channel] = np.searchsorted(steps, values[..., channel], side="right")
    return found


def _activated(node: NodeProto, sums: Tensor, thresholds: Tensor) -> Tensor:
    reached = count_reached(sums, thresholds)
    if attribute(node, "outputDataType") == b"BIPOLAR":
        return 2 * reached - 1
    return reached + float(attribute(node, "ActVal", 0))


def _mvau(node: NodeProto, x: Tensor, weights: Tensor, thresholds: Tensor | None = None) -> Tensor:
    if attribute(node, "binaryXnorMode", 0):
        raise ModelError("counts equal bits (XNOR mode)", where=f"node {node.name!r}", hint="lower without it")
    if x.shape[-1] != len(weights):  # FINN drops the Flatten before a dense layer: rows, columns, channels in a row
        x = x.reshape(len(x), -1)
    sums = x @ weights
    return sums if thresholds is None else _activated(node, sums, thresholds)


def _thresholding(node: NodeProto, x: Tensor, thresholds: Tensor) -> Tensor:
    return _activated(node, x, thresholds)


def _pad(node: NodeProto, x: Tensor) -> Tensor:
    import numpy as np

    top, left, bottom, right = attribute(node, "Padding")
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))


def _windows(node: NodeProto, x: Tensor) -> Tensor:
    """Return [N, H, W, C] images as windows: [N, H', W', rows * columns * C]."""
    import numpy as np

    (rows, columns), (down, right) = attribute(node, "ConvKernelDim"), attribute(node, "Stride")
    spread_y, spread_x = attribute(node, "Dilation", [1, 1])
    size = (spread_y * (rows - 1) + 1, spread_x * (columns - 1) + 1)
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))  # N, H', W', C, rows, columns
    view = view[:, ::down, ::right, :, ::spread_y, ::spread_x]
    return view.transpose(0, 1, 2, 4, 5, 3).reshape(*view.shape[:3], -1)


def _pool(node: NodeProto, x: Tensor) -> Tensor:
    channels = attribute(node, "Channels")
    windows = x.reshape(*x.shape[:3], -1, channels)
    function = attribute(node, "Function").decode()
    if function != "MaxPool":
        raise ModelError(f"pools with {function}", where=f"node {node.name!r}", allowed="MaxPool")
    found: Tensor = windows.max(axis=3)
    return found


def _reshape(_node: NodeProto, x: Tensor, shape: Tensor) -> Tensor:
    return x.reshape(len(x), *(int(size) for size in shape[1:]))


def _flatten(node: NodeProto, x: Tensor) -> Tensor:
    axis = attribute(node, "axis", 1)
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _transpose(node: NodeProto, x: Tensor) -> Tensor:
    return x.transpose(attribute(node, "perm"))


def _same(_node: NodeProto, x: Tensor) -> Tensor:
    return x


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "MVAU": _mvau,
    "Thresholding": _thresholding,
    "FMPadding": _pad,
    "ConvolutionInputGenerator": _windows,
    "Pool": _pool,
    "GlobalAccPool": lambda _node, x: x.sum(axis=(1, 2), keepdims=True),
    "ElementwiseAdd": lambda _node, a, b: a + b,
    "DuplicateStreams": _same,
    "StreamingFIFO": _same,
    "StreamingDataWidthConverter": _same,
    "Identity": _same,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Mul": lambda _node, a, b: a * b,
    "Add": lambda _node, a, b: a + b,
}
"""Every operator that a lowered model has: FINN's layers, and what the host does at both ends."""
