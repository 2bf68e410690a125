# SPDX-License-Identifier: Apache-2.0
"""Arithmetic behind a change of shape at the input, and scales that follow the weights."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from drawplate.data import Normalisation
from drawplate.door import Wish, ends_of, normalisation_behind, take_in


def model(nodes, initializers, output=(None, 16)):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 1, 4, 4])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, list(output))],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in initializers.items()],
    )
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("qonnx.custom_op.general", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def constant(name, value):
    return helper.make_node("Constant", [], [name], name=name, value=numpy_helper.from_array(np.float32(value)))


WEIGHTS = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)


def test_what_is_the_same_for_every_pixel_moves_before_the_flatten_and_into_the_normalisation():
    proto = model(
        [
            helper.make_node("Flatten", ["x"], ["f"], name="f"),
            constant("two", 2),
            helper.make_node("Mul", ["f", "two"], ["m"], name="m"),
            constant("one", 1),
            helper.make_node("Sub", ["m", "one"], ["s"], name="s"),
            helper.make_node("MatMul", ["s", "w"], ["y"], name="d"),
        ],
        {"w": WEIGHTS},
        (None, 3),
    )
    entered = take_in(proto, Wish(data=(1, 4, 4)))
    assert [node.op_type for node in entered.proto.graph.node] == ["Flatten", "MatMul"]
    assert ends_of(entered.proto).head.scale == (2.0,)
    behind = normalisation_behind(entered.proto, Normalisation((0.0,), (1.0,)))
    assert (behind.mean, behind.std) == ((0.5,), (0.5,))


def test_arithmetic_that_differs_by_pixel_stays_where_it_is():
    proto = model(
        [
            helper.make_node("Flatten", ["x"], ["f"], name="f"),
            helper.make_node("Mul", ["f", "each"], ["m"], name="m"),
            helper.make_node("MatMul", ["m", "w"], ["y"], name="d"),
        ],
        {"each": np.arange(16, dtype=np.float32) + 1, "w": WEIGHTS},
        (None, 3),
    )
    assert [node.op_type for node in take_in(proto, Wish(data=(1, 4, 4))).proto.graph.node] == [
        "Flatten",
        "Mul",
        "MatMul",
    ]


def test_a_scale_that_is_computed_from_the_weights_goes_on_following_them():
    quant = {"domain": "qonnx.custom_op.general", "signed": 1, "narrow": 1, "rounding_mode": "ROUND"}
    proto = model(
        [
            helper.make_node("Flatten", ["x"], ["f"], name="f"),
            helper.make_node("Abs", ["w"], ["a"], name="a"),
            helper.make_node("ReduceMax", ["a"], ["r"], name="r", keepdims=0),
            constant("seven", 7),
            helper.make_node("Div", ["r", "seven"], ["scale"], name="scale"),
            helper.make_node("Quant", ["w", "scale", "zero", "bits"], ["q"], name="q", **quant),
            helper.make_node("MatMul", ["f", "q"], ["y"], name="d"),
        ],
        {"w": WEIGHTS, "zero": np.float32(0), "bits": np.float32(4)},
        (None, 3),
    )
    kinds = [node.op_type for node in take_in(proto, Wish(data=(1, 4, 4))).proto.graph.node]
    assert "ReduceMax" in kinds
    assert "Div" in kinds
