# SPDX-License-Identifier: Apache-2.0
"""Parameters and multiply-accumulates of a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from attrs import frozen

from drawplate.graph.facts import QUANT_OPS, STANDARD
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    Shapes = Mapping[str, tuple[int, ...]]

_RUNNING = (3, 4)  # inputs of BatchNormalization that are statistics, not parameters
_WEIGHTED = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN"})


def count_parameters(proto: ModelProto) -> int:
    """Count trained numbers: weights, biases, and BatchNormalization's scale and shift; not its statistics.

    Scales, zero points and bit widths of ``Quant`` nodes do not count.
    """
    found: set[str] = set()
    for node in proto.graph.node:
        found |= set(_parameter_inputs(node))
    return sum(math.prod(t.dims) for t in proto.graph.initializer if t.name in found)


def _parameter_inputs(node: NodeProto) -> list[str]:
    if node.op_type in QUANT_OPS and node.domain:
        return [node.input[0]]
    if node.op_type == "BatchNormalization":
        return [name for i, name in enumerate(node.input) if i not in _RUNNING]
    return list(node.input) if node.op_type in (*_WEIGHTED, "PRelu", "Add", "Mul") else []


@frozen
class Macs:
    """Multiply-accumulates, as far as they can be counted."""

    count: int
    left_out: tuple[str, ...]
    """Layers whose shapes are not known."""


def count_macs(proto: ModelProto) -> int:
    """Count multiply-accumulates of one image through the layers that have weights; see :func:`macs_of`."""
    return macs_of(proto).count


def macs_of(proto: ModelProto) -> Macs:
    """Count multiply-accumulates of one image, and name the layers that cannot be counted."""
    found = macs_by_layer(proto)
    left_out = tuple(name for name, count in found if count is None)
    return Macs(sum(count for _, count in found if count is not None), left_out)


def macs_by_layer(proto: ModelProto) -> tuple[tuple[str, int | None], ...]:
    """Return the multiply-accumulates of every layer that has weights, by name, in order; None where unknown."""
    shapes = infer_shapes(proto)
    found: list[tuple[str, int | None]] = []
    for node in proto.graph.node:
        if node.op_type not in _MACS or node.domain not in STANDARD:
            continue
        name = str(node.name or node.output[0])
        try:
            found.append((name, _MACS[node.op_type](node, shapes)))
        except (KeyError, IndexError, ZeroDivisionError):
            found.append((name, None))
    return tuple(found)


def infer_shapes(proto: ModelProto) -> dict[str, tuple[int, ...]]:
    """Return the shape of every value whose dimensions are known, the batch being 1.

    Quantizers are taken to keep the shape of their first input.
    """
    found = infer(proto)
    static = {name: found.static(name) for name in found.shapes}
    return {name: shape for name, shape in static.items() if shape is not None}


def _conv(node: NodeProto, shapes: Shapes) -> int:
    return math.prod(shapes[node.input[1]][1:]) * math.prod(shapes[node.output[0]])


def _transposed(node: NodeProto, shapes: Shapes) -> int:
    return math.prod(shapes[node.input[1]][1:]) * math.prod(shapes[node.input[0]])


def _gemm(node: NodeProto, shapes: Shapes) -> int:
    out = shapes[node.output[0]]
    return math.prod(out) * (math.prod(shapes[node.input[1]]) // out[-1])


def _matmul(node: NodeProto, shapes: Shapes) -> int:
    return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]


def _recurrent(node: NodeProto, shapes: Shapes) -> int:
    """Its two weight matrices once per time step and sample."""
    taken = shapes[node.input[0]]
    return taken[0] * taken[1] * (math.prod(shapes[node.input[1]]) + math.prod(shapes[node.input[2]]))


_MACS: Final[Mapping[str, Callable[[NodeProto, Shapes], int]]] = {
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "MatMul": _matmul,
    **dict.fromkeys(["LSTM", "GRU", "RNN"], _recurrent),
}
