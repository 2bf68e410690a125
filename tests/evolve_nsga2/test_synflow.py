# SPDX-License-Identifier: GPL-3.0-or-later
"""Synaptic flow against its closed form: every layer of a chain without biases carries the same flow."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from drawplate.testing import make_runner
from drawplate_evolve_nsga2.candidate.synflow import SYNFLOW, synflow


def chain(norm):
    rng = np.random.default_rng(0)
    first, second = (rng.normal(size=shape).astype(np.float32) for shape in ((6, 5), (5, 4)))
    weights = [numpy_helper.from_array(first, "w1"), numpy_helper.from_array(second, "w2")]
    nodes = [helper.make_node("MatMul", ["x", "w1"], ["h"])]
    if norm:
        for name, value in (("scale", 1), ("shift", 0), ("mean", 3), ("var", 7)):
            weights.append(numpy_helper.from_array(np.full(5, value, np.float32), name))
        nodes.append(
            helper.make_node("BatchNormalization", ["h", "scale", "shift", "mean", "var"], ["n"], epsilon=1e-12)
        )
    nodes += [
        helper.make_node("Relu", [nodes[-1].output[0]], ["r"]),
        helper.make_node("MatMul", ["r", "w2"], ["y"]),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size]) for name, size in (("x", 6), ("y", 4))]
    graph = helper.make_graph(nodes, "chain", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model, 2 * float((np.abs(first) @ np.abs(second)).sum())


@pytest.mark.parametrize("norm", [False, True])
def test_the_closed_form_of_two_layers(tmp_path, norm):
    proto, flow = chain(norm)
    model = make_runner(tmp_path).session.store.put_model(proto)
    assert synflow(model)[SYNFLOW].value == pytest.approx(flow, rel=1e-5)


def test_an_operator_that_nobody_trains_through_has_no_flow(tmp_path):
    proto, _ = chain(norm=False)
    proto.graph.node[1].op_type = "Hardmax"
    assert synflow(make_runner(tmp_path).session.store.put_model(proto)) == {}
