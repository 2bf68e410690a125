# SPDX-License-Identifier: Apache-2.0
"""Read a QONNX model, node by node, into operators on integers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from drawplate.errors import DrawplateError, ModelError
from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.lowering.exact.functions import Leaky
from drawplate_quant_finn.lowering.exact.number import negated, sign
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.constants import Constants, constants_of
from drawplate_quant_finn.lowering.streams.operators import Border, MaxPool, Operator, Threshold, Turn
from drawplate_quant_finn.lowering.streams.value import Pending, Pooling, Value

if TYPE_CHECKING:
    from onnx import NodeProto

Handler = Callable[["Reader", "NodeProto"], Value]


@define
class Reader:
    """What has been read so far."""

    graph: Graph
    values: dict[str, Value]
    constants: Constants = field(init=False)
    quantized_input: str | None = None
    """The node that quantizes the input, whose codes are what the host sends."""

    def __attrs_post_init__(self) -> None:
        self.constants = constants_of(self.graph)

    @property
    def batch(self) -> int:
        """Items per call that the model is fixed to; 0 for any number."""
        value = next(value for value in self.graph.proto.graph.input if value.name == self.graph.input)
        return int(value.type.tensor_type.shape.dim[0].dim_value)

    def read(self, handlers: Mapping[str, Handler]) -> Value:
        """Read all nodes; return the output."""
        output = self.graph.proto.graph.output[0].name
        for node in self.graph.nodes:
            if node.op_type == "Constant" or all(name in self.constants for name in node.output if name):
                continue
            self.values[node.output[0]] = self._taken(node, self._handler(node, handlers))
        if output not in self.values:
            raise ModelError("does not depend on the input", where=f"output {output!r}")
        return self.values[output]

    def _taken(self, node: NodeProto, handler: Handler) -> Value:
        """Read a node; what does not even fit together is its fault, and no traceback."""
        try:
            return handler(self, node)
        except DrawplateError:
            raise
        except Exception as error:
            raise refuse(
                node, f"it cannot be read ({type(error).__name__}: {error})", "check the model with onnx.checker"
            ) from error

    def _handler(self, node: NodeProto, handlers: Mapping[str, Handler]) -> Handler:
        found = handlers.get(node.op_type)
        if found is None:
            raise refuse(
                node,
                f"there is no hardware for {node.op_type}",
                "use convolutions and matrix products, Relu, LeakyRelu, Tanh, Sigmoid or Clip as activation, "
                "maxima and averages of pixels, Add, Sub, Concat and nearest upsampling",
            )
        return found

    def value(self, node: NodeProto, index: int = 0) -> Value:
        """Return an input that streams.

        Raises:
            ModelError: when it is a constant.
        """
        name = node.input[index] if index < len(node.input) else ""
        if name not in self.values:
            what = "constant" if name in self.constants else "not known"
            raise refuse(node, f"its input {name!r} is {what}", "feed it what streams from the model's input")
        return self.values[name]

    def settled(self, name: str) -> Value:
        """Return a value as integers times a scale, with nothing pending; remember it so.

        Raises:
            ModelError: when a function stands between, whose values no scale makes whole.
        """
        value = self.values[name]
        while value.pending:
            pools = any(isinstance(part, Pooling) for part in value.pending)
            value = pool_first(value) if pools else _whole_relu(value)
        self.values[name] = value
        return value


def pool_first(value: Value) -> Value:
    """Do a pending max-pool on the integers, before the functions: turned where these fall."""
    position = next(i for i, part in enumerate(value.pending) if isinstance(part, Pooling))
    pooling = value.pending[position]
    assert isinstance(pooling, Pooling)
    ways = directions(value, value.pending[:position])
    pooled = max_pool(turned(value.operator, ways), pooling)
    scale = tuple(negated(s) if way < 0 else s for s, way in zip(value.scale, ways, strict=True))
    rest = (*value.pending[:position], *value.pending[position + 1 :])
    return evolve(value, operator=pooled, scale=scale, pending=rest)


def directions(value: Value, parts: Sequence[Pending]) -> list[int]:
    """Return per channel whether the first functions of a value rise with its integer (1), fall (-1) or neither (0)."""
    ways = [sign(scale) for scale in value.scale]
    for part in parts:
        if not isinstance(part, Pooling):
            ways = [way * function.slope for way, function in zip(ways, part, strict=True)]
    return ways


def turned(operator: Operator, signs: Sequence[int]) -> Operator:
    """Return an operator whose channels are multiplied by their signs."""
    if min(signs) >= 0:
        return operator
    low, high = min(operator.low, -operator.high), max(operator.high, -operator.low)
    return Turn(layer=operator.layer, frame=operator.frame, low=low, high=high, sources=[operator], signs=tuple(signs))


def border(source: Operator, pads: tuple[int, int, int, int], node: NodeProto, *, lowest: bool = False) -> Operator:
    """Return a stream with a border of the integer 0, or of the lowest; two alike in a row are one."""
    if isinstance(source, Border) and source.lowest == lowest:
        pads = tuple(a + b for a, b in zip(pads, source.pads, strict=True))  # type: ignore[assignment]
        source = source.source
    (top, left, bottom, right), (height, width, channels) = pads, source.frame
    return Border(
        layer=node.name,
        frame=(height + top + bottom, width + left + right, channels),
        low=source.low if lowest else min(0, source.low),
        high=source.high if lowest else max(0, source.high),
        sources=[source],
        pads=pads,
        lowest=lowest,
    )


def max_pool(source: Operator, pooling: Pooling) -> Operator:
    """Return a max-pool of integers; a border holds 0, or what is lowest where they may be negative."""
    node = pooling.node
    if any(pooling.pads):
        source = border(source, pooling.pads, node, lowest=source.low < 0)
    frame = (*pooling.window.over(source.frame), source.channels)
    return MaxPool(
        layer=node.name, frame=frame, low=source.low, high=source.high, sources=[source], window=pooling.window
    )


def _whole_relu(value: Value) -> Value:
    """Relu of integers times a positive scale is the same of integers that are at least 0."""
    import numpy as np

    (functions, *others), source = value.pending, value.operator
    simple = isinstance(functions, tuple) and all(function == Leaky() for function in functions)
    if others or not simple or not value.unshifted or min(map(sign, value.scale)) < 0 or source.high > MOST:
        raise refuse(
            value.node,
            f"what {value.node.op_type} gives is not quantized",
            f"put a Quant node behind it, or let step 'quantize' do so (layers.{value.node.name!r})",
        )
    levels = np.tile(np.arange(1, max(1, source.high) + 1), (source.channels, 1))
    clipped = Threshold(
        layer=value.node.name,
        frame=source.frame,
        low=0,
        high=max(1, source.high),
        sources=[source],
        levels=levels,
        borders=levels.astype(np.float64),
        reach=np.zeros(source.channels),
    )
    return evolve(value, operator=clipped, pending=())


MOST = 255
"""Largest integer of the 8 bits that hardware takes."""
