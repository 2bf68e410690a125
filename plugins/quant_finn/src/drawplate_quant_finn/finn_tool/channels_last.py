# SPDX-License-Identifier: Apache-2.0
"""Move a streamlined network to channels-last order, the only order of FINN's hardware layers.

A four-dimensional node that works on any layout, and reads a tensor turned to channels first, is wrapped in a pair
of Transposes and told to work channels last; then neighbouring pairs that undo each other are removed, also across
forks.  FINN's own passes each know one pattern, and the one for max-pooling reads the wrong tensor when the pooled
tensor is used twice.
"""
# ruff: noqa: TID253 - runs only in the tool environment

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnx import NodeProto, helper
from qonnx.core import data_layout
from qonnx.core.modelwrapper import ModelWrapper

TO_LAST = (0, 2, 3, 1)
TO_FIRST = (0, 3, 1, 2)


def to_channels_last(model: ModelWrapper) -> ModelWrapper:
    """Return the model with all layout-free nodes on [N, H, W, C] tensors."""
    for node in list(model.graph.node):
        if _is_first(model, node):
            _turn(model, node)
    while _cancel_one_pair(model):
        pass
    _drop_unused(model)
    return model


def _is_first(model: ModelWrapper, node: NodeProto) -> bool:
    shape = model.get_tensor_shape(node.output[0])
    if shape is None or len(shape) != 4:
        return False
    if node.op_type not in {"MultiThreshold", "MaxPool", "Add", "Mul", "QuantAvgPool2d"}:
        return False
    makers = [model.find_producer(name) for name in node.input]
    return any(maker is not None and maker.op_type == "Transpose" and _perm(maker) == TO_FIRST for maker in makers)


def _turn(model: ModelWrapper, node: NodeProto) -> None:
    position = list(model.graph.node).index(node)
    parameters = 1 if node.op_type in {"MultiThreshold", "MaxPool", "QuantAvgPool2d"} else len(node.input)
    before = []
    for index in range(parameters):
        if model.get_initializer(node.input[index]) is None:
            before.append(_transpose(model, node.input[index], TO_LAST))
            node.input[index] = before[-1].output[0]
        else:
            _turn_constant(model, node.input[index])
    outside = node.output[0]
    inside = _new_tensor(model, outside, TO_LAST)
    node.output[0] = inside
    after = helper.make_node("Transpose", [inside], [outside], perm=list(TO_FIRST))
    if node.op_type == "MaxPool":
        node.op_type, node.domain = "MaxPoolNHWC", "qonnx.custom_op.general"
        _keep_attributes(node, {"kernel_shape", "pads", "strides", "ceil_mode"})
        if not any(attribute.name == "pads" for attribute in node.attribute):
            node.attribute.append(helper.make_attribute("pads", [0, 0, 0, 0]))
    elif node.op_type in {"MultiThreshold", "QuantAvgPool2d"}:
        _keep_attributes(node, {attribute.name for attribute in node.attribute} - {"data_layout"})
        node.attribute.append(helper.make_attribute("data_layout", "NHWC"))
    model.graph.node.insert(position + 1, after)
    for extra in reversed(before):
        model.graph.node.insert(position, extra)


def _turn_constant(model: ModelWrapper, name: str) -> None:
    value = model.get_initializer(name)
    if value.ndim == 4:
        model.set_initializer(name, np.ascontiguousarray(value.transpose(TO_LAST)))


def _transpose(model: ModelWrapper, tensor: str, order: tuple[int, ...]) -> NodeProto:
    return helper.make_node("Transpose", [tensor], [_new_tensor(model, tensor, order)], perm=list(order))


def _new_tensor(model: ModelWrapper, like: str, order: tuple[int, ...]) -> str:
    name: str = model.make_new_valueinfo_name()
    shape = model.get_tensor_shape(like)
    model.set_tensor_shape(name, [shape[axis] for axis in order])
    model.set_tensor_datatype(name, model.get_tensor_datatype(like))
    model.set_tensor_layout(name, data_layout.NHWC if order == TO_LAST else data_layout.NCHW)
    return name


def _cancel_one_pair(model: ModelWrapper) -> bool:
    makers = {output: node for node in model.graph.node for output in node.output}
    for node, maker in _chains(model, makers):
        outer, inner = _perm(node), _perm(maker)
        if tuple(inner[axis] for axis in outer) != (0, 1, 2, 3):
            continue
        source = maker.input[0]
        if node.output[0] in {output.name for output in model.graph.output}:
            continue
        for consumer in model.graph.node:
            for index, name in enumerate(consumer.input):
                if name == node.output[0]:
                    consumer.input[index] = source
        model.graph.node.remove(node)
        return True
    return False


def _chains(model: ModelWrapper, makers: dict[str, NodeProto]) -> Iterator[tuple[NodeProto, NodeProto]]:
    for node in model.graph.node:
        if node.op_type == "Transpose" and len(_perm(node)) == 4:
            maker = makers.get(node.input[0])
            if maker is not None and maker.op_type == "Transpose":
                yield node, maker


def _drop_unused(model: ModelWrapper) -> None:
    while True:
        used = {name for node in model.graph.node for name in node.input} | {o.name for o in model.graph.output}
        unused = [node for node in model.graph.node if not used.intersection(node.output)]
        if not unused:
            return
        for node in unused:
            model.graph.node.remove(node)


def _keep_attributes(node: NodeProto, names: set[str]) -> None:
    kept = [attribute for attribute in node.attribute if attribute.name in names]
    del node.attribute[:]
    node.attribute.extend(kept)


def _perm(node: NodeProto) -> tuple[int, ...]:
    return tuple(next(attribute.ints for attribute in node.attribute if attribute.name == "perm"))
