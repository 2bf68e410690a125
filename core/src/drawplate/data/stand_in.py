# SPDX-License-Identifier: Apache-2.0
"""Inputs where there are no data: drawn at random over the whole range that a model may be fed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from drawplate.data.record import normalisation_of
from drawplate.errors import ModelError
from drawplate.graph.facts import DEFAULTS, QUANT_DOMAINS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

COUNT = 64
"""Inputs drawn, unless a step says otherwise."""
UNKNOWN = (-1.0, 1.0)
"""Range of an input of which nothing is known."""
LAYOUT = frozenset({"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"})
NO_DATA = "the flow has no [data]: the task's metrics are absent"


@frozen(kw_only=True)
class StandIn:
    """Random inputs and what a reader has to know of them."""

    x: NDArray[np.float32] = field(eq=False, repr=False)
    """Shape (N, ...): the first has the lowest values throughout, the second the highest."""
    said: str
    """E.g. ``64 random inputs, all 256 codes``."""


def input_range(proto: ModelProto) -> tuple[float, float]:
    """Return the lowest and the highest value that :func:`stand_in` draws for a model."""
    x = stand_in(proto, 2).x
    return float(x.min()), float(x.max())


def stand_in(proto: ModelProto, count: int = COUNT, seed: int = 0, fed: tuple[float, float] | None = None) -> StandIn:
    """Draw what a model is fed where there are no data.

    Over all codes of the quantizer at its input; else over the range that its metadata say; else from -1 to 1.

    Args:
        proto: the model; all dimensions of its input but the first are known.
        count: of inputs.
        seed: of the draw.
        fed: lowest and highest value, where they are known better than from the model.

    Raises:
        ModelError: when the input's shape is not known.
    """
    import numpy as np

    shape = (count, *_shape(proto))
    random = np.random.default_rng(seed)
    grid = _grid(proto) if fed is None else None
    if grid is not None:
        drawn = spread(grid.high - grid.low + 1, shape, random)
        codes = drawn.values + grid.low
        if grid.bipolar:
            codes = np.where(codes > 0, 1, -1)
        x = (codes - grid.zero) * grid.scale
        return StandIn(x=x.astype(np.float32), said=f"{count:,} random inputs, {drawn.said} codes")
    found = normalisation_of(proto) if fed is None else None
    if found is not None and found.of_bytes:
        drawn = spread(256, shape, random)
        x = found.apply(drawn.values.astype(np.uint8))
        return StandIn(x=x, said=f"{count:,} random inputs, {drawn.said} values of a byte")
    low, high = fed or (UNKNOWN if found is None else found.fed)
    x = random.uniform(low, high, shape)
    x[:1], x[1:2] = low, high
    return StandIn(x=x.astype(np.float32), said=f"{count:,} random inputs from {low:g} to {high:g}")


@frozen(kw_only=True)
class Spread:
    """Whole numbers from 0 up, each about as often as the others."""

    values: NDArray[np.int64] = field(eq=False, repr=False)
    said: str
    """How many of them there are: ``all 256``, or ``100 of 65,536``."""


def spread(levels: int, shape: tuple[int, ...], random: np.random.Generator) -> Spread:
    """Draw from 0 to ``levels - 1``, in the first row all 0, in the second all ``levels - 1``."""
    import numpy as np

    values = np.empty(shape, np.int64)
    values[:1], values[1:2] = 0, levels - 1
    values[2:] = random.permutation(np.resize(np.arange(levels), values[2:].size)).reshape(values[2:].shape)
    used = len(np.unique(values))
    return Spread(values=values, said=f"all {levels:,}" if used == levels else f"{used:,} of {levels:,}")


@frozen(kw_only=True)
class _Grid:
    """What a quantizer lets through: ``(code - zero) * scale``."""

    low: int
    high: int
    scale: Any
    zero: Any
    bipolar: bool = False


def _shape(proto: ModelProto) -> list[int]:
    value = _input(proto)
    sizes = [dim.dim_value for dim in value.type.tensor_type.shape.dim[1:]]
    if not all(size > 0 for size in sizes):
        raise ModelError(
            "has dimensions that are not known",
            where=f"input {value.name!r}",
            hint="fix them with [model] shape",
        )
    return sizes


def _input(proto: ModelProto) -> Any:
    weights = {tensor.name for tensor in proto.graph.initializer}
    return next(value for value in proto.graph.input if value.name not in weights)


def _grid(proto: ModelProto) -> _Grid | None:
    """Return what the quantizer at the input lets through, where one stands there and its settings are constants."""
    from onnx import helper

    node = _quantizer(proto)
    if node is None:
        return None
    arrays = _constants(proto)
    settings = [arrays.get(name) for name in node.input[1:]]
    if any(value is None or value.size != 1 for value in settings):
        return None
    numbers = [float(value.reshape(())) for value in settings if value is not None]
    if node.op_type == "BipolarQuant":
        return _Grid(low=0, high=1, scale=numbers[0], zero=0.0, bipolar=True)
    said = {**DEFAULTS["Quant"], **{entry.name: helper.get_attribute_value(entry) for entry in node.attribute}}
    bits, signed, narrow = round(numbers[2]), int(said["signed"]), int(said["narrow"])
    if not 1 <= bits <= 16:
        return None
    if bits == 1 and signed:  # the sign, as QONNX has it
        return _Grid(low=0, high=1, scale=numbers[0], zero=0.0, bipolar=True)
    low = -(1 << (bits - 1)) + narrow if signed else 0
    high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1 - narrow
    return _Grid(low=low, high=high, scale=numbers[0], zero=numbers[1])


def _quantizer(proto: ModelProto) -> NodeProto | None:
    value = _input(proto).name
    while True:
        readers = [node for node in proto.graph.node if node.input and node.input[0] == value]
        if len(readers) != 1:
            return None
        node: NodeProto = readers[0]
        if node.op_type in {"Quant", "BipolarQuant"} and node.domain in QUANT_DOMAINS:
            return node
        if node.op_type not in LAYOUT:
            return None
        value = node.output[0]


def _constants(proto: ModelProto) -> dict[str, NDArray[Any]]:
    """Return the scalars among the graph's constants."""
    from onnx import numpy_helper

    tensors = [(tensor.name, tensor) for tensor in proto.graph.initializer]
    for node in proto.graph.node:
        if node.op_type == "Constant":
            tensors += [(node.output[0], entry.t) for entry in node.attribute if entry.name == "value"]
    return {name: numpy_helper.to_array(tensor) for name, tensor in tensors if math.prod(tensor.dims) == 1}
