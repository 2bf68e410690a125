# SPDX-License-Identifier: Apache-2.0
"""Which channels have to be cut together.

Channels are axis 1 of every value.  A layer with constant weights begins a group of as many channels as it has outputs;
what works channel by channel passes it on; an addition joins the groups of both sides; a depthwise convolution joins
what it takes and what it gives.  What nobody here knows freezes all that it touches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from drawplate.count import infer_shapes

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

KEEPING = frozenset(
    (
        *("Relu", "LeakyRelu", "PRelu", "Clip", "Tanh", "Sigmoid", "Elu", "Selu", "Gelu", "HardSwish", "HardSigmoid"),
        *("Softplus", "Identity", "Dropout", "Cast", "BatchNormalization", "MaxPool", "AveragePool"),
        *("GlobalAveragePool", "GlobalMaxPool", "Pad", "Resize"),
    )
)
"""Operators that work channel by channel."""
JOINING = frozenset(("Add", "Sub", "Mul", "Div", "Max", "Min"))


@frozen(kw_only=True)
class Producer:
    """A layer that makes the channels of a group."""

    layer: str
    weight: str
    axis: int
    """Of the weight, that runs over the channels it makes."""


@frozen(kw_only=True)
class ChannelGroup:
    """Channels that are cut together."""

    name: str
    """Of the first layer that makes them."""
    size: int
    producers: tuple[Producer, ...]
    values: frozenset[str]
    """Values of the graph whose axis 1 they are."""


@frozen
class Seen:
    """Where a value's axis 1 comes from."""

    group: int
    spread: int = 1
    """How many features stand for each channel, after flattening."""


@define
class Analysis:
    """Channels of all values of a graph."""

    proto: ModelProto
    shapes: dict[str, tuple[int, ...]] = field(init=False)
    constants: set[str] = field(init=False)
    seen: dict[str, Seen] = field(factory=dict)
    sizes: list[int] = field(factory=list)
    producers: list[list[Producer]] = field(factory=list)
    frozen: set[int] = field(factory=set)
    _leaders: list[int] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.shapes = infer_shapes(self.proto)
        self.constants = {tensor.name for tensor in self.proto.graph.initializer}
        for value in self.proto.graph.input:
            if value.name not in self.constants:
                self._new(value.name, freeze=True)
        for node in self.proto.graph.node:
            self._visit(node)
        for value in self.proto.graph.output:
            self._freeze([value.name])

    def group_of(self, value: str) -> int | None:
        """Return the group of a value's channels."""
        return self._leader(self.seen[value].group) if value in self.seen else None

    # reading the graph --------------------------------------------------------------------------------------------

    def _visit(self, node: NodeProto) -> None:
        if node.op_type == "Constant":
            self.constants.update(node.output)
        elif node.domain not in ("", "ai.onnx"):
            self._give_up(node)
        elif node.op_type == "Conv":
            self._convolution(node)
        elif node.op_type in ("Gemm", "MatMul"):
            self._product(node)
        elif node.op_type in ("Flatten", "Reshape"):
            self._flatten(node)
        elif node.op_type in KEEPING and node.input[0] in self.seen:
            self._keep(node)
        elif node.op_type in JOINING:
            self._join(node)
        else:
            self._give_up(node)

    def _convolution(self, node: NodeProto) -> None:
        weight = self.shapes.get(node.input[1], ()) if node.input[1] in self.constants else ()
        groups = next((entry.i for entry in node.attribute if entry.name == "group"), 1)
        if not weight or node.input[0] not in self.seen:
            self._give_up(node)
        elif groups == 1:
            self._new(node.output[0], Producer(layer=_name(node), weight=node.input[1], axis=0), weight[0])
        elif weight[1] == 1 and weight[0] == groups:  # depthwise: each channel for itself
            self.seen[node.output[0]] = self.seen[node.input[0]]
            self.producers[self.seen[node.input[0]].group].append(
                Producer(layer=_name(node), weight=node.input[1], axis=0)
            )
        else:
            self._give_up(node)

    def _product(self, node: NodeProto) -> None:
        weight = self.shapes.get(node.input[1], ()) if node.input[1] in self.constants else ()
        plain = len(self.shapes.get(node.input[0], ())) == 2 and len(weight) == 2
        if not plain or node.input[0] not in self.seen or _flag(node, "transA"):
            self._give_up(node)
            return
        axis = 0 if node.op_type == "Gemm" and _flag(node, "transB") else 1
        self._new(node.output[0], Producer(layer=_name(node), weight=node.input[1], axis=axis), weight[axis])

    def _flatten(self, node: NodeProto) -> None:
        before, after = self.shapes.get(node.input[0], ()), self.shapes.get(node.output[0], ())
        whole = len(after) == 2 and len(before) >= 2 and math.prod(before[1:]) == after[1]
        if not whole or node.input[0] not in self.seen:
            self._give_up(node)
            return
        seen = self.seen[node.input[0]]
        self.seen[node.output[0]] = Seen(seen.group, seen.spread * math.prod(before[2:]))

    def _keep(self, node: NodeProto) -> None:
        odd = node.op_type in ("Pad", "Resize") and self._channels(node.input[0]) != self._channels(node.output[0])
        if odd:
            self._give_up(node)
            return
        self.seen[node.output[0]] = self.seen[node.input[0]]

    def _join(self, node: NodeProto) -> None:
        """Join what is added; a constant has one number per channel, or one for all."""
        variable = [name for name in node.input if name not in self.constants]
        shapes = {self.shapes.get(name) for name in variable}
        known = all(name in self.seen for name in variable)
        if not variable or not known or len(shapes) > 1 or len({self.seen[name].spread for name in variable}) > 1:
            self._give_up(node)
            return
        first = self.seen[variable[0]]
        for name in variable[1:]:
            self._union(first.group, self.seen[name].group)
        self.seen[node.output[0]] = first

    def _give_up(self, node: NodeProto) -> None:
        self._freeze(node.input)
        for name in node.output:
            self._new(name, freeze=True)

    # groups -------------------------------------------------------------------------------------------------------

    def _channels(self, value: str) -> int | None:
        shape = self.shapes.get(value, ())
        return shape[1] if len(shape) > 1 else None

    def _new(self, value: str, producer: Producer | None = None, size: int = 0, *, freeze: bool = False) -> None:
        number = len(self._leaders)
        self._leaders.append(number)
        self.sizes.append(size)
        self.producers.append([producer] if producer else [])
        self.seen[value] = Seen(number)
        if freeze:
            self.frozen.add(number)

    def _freeze(self, values: Sequence[str]) -> None:
        self.frozen |= {self.seen[name].group for name in values if name in self.seen}

    def _leader(self, group: int) -> int:
        while self._leaders[group] != group:
            group = self._leaders[group]
        return group

    def _union(self, one: int, other: int) -> None:
        first, second = sorted((self._leader(one), self._leader(other)))
        self._leaders[second] = first

    def groups(self) -> tuple[ChannelGroup, ...]:
        """Return the groups that nothing freezes, in the order of the graph."""
        members: dict[int, list[int]] = {}
        for number in range(len(self._leaders)):
            members.setdefault(self._leader(number), []).append(number)
        found = []
        for leader, numbers in members.items():
            producers = tuple(producer for number in numbers for producer in self.producers[number])
            if producers and not self.frozen.intersection(numbers):
                values = frozenset(name for name, seen in self.seen.items() if self._leader(seen.group) == leader)
                name, size = producers[0].layer, self.sizes[leader]
                found.append(ChannelGroup(name=name, size=size, producers=producers, values=values))
        return tuple(found)


def find_groups(proto: ModelProto) -> tuple[ChannelGroup, ...]:
    """Return all groups of channels that may be cut, in the order of the graph."""
    return Analysis(proto).groups()


def _name(node: NodeProto) -> str:
    return str(node.name or node.output[0])


def _flag(node: NodeProto, name: str) -> int:
    return next((int(entry.i) for entry in node.attribute if entry.name == name), 0)
