# SPDX-License-Identifier: Apache-2.0
"""Finding what is quantized takes time in proportion to the model."""

import time

import onnx
from numpy import eye, float32
from onnx import helper, numpy_helper

from drawplate.options import read_options
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.sites import find_sites


def chain(count):
    nodes, value = [], "x"
    for number in range(count):
        nodes.append(helper.make_node("MatMul", [value, "w"], [f"m{number}"], name=f"m{number}"))
        nodes.append(helper.make_node("Relu", [f"m{number}"], [f"r{number}"], name=f"r{number}"))
        value = f"r{number}"
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 2]) for name in ("x", value)]
    weights = [numpy_helper.from_array(eye(2, dtype=float32), "w")]
    return helper.make_model(helper.make_graph(nodes, "chain", ends[:1], ends[1:], weights))


def test_a_chain_of_ten_thousand_nodes_takes_moments():
    options = read_options(QuantizeOptions, {"layers": {"r*": {"act_bits": 3}}}, "test")
    started = time.monotonic()
    sites = find_sites(chain(5000), options)
    assert time.monotonic() - started < 20  # 800 layers took 32 s when every question went over the whole graph
    assert len(sites.activations) == 5000
    assert {site.grid.bits for site in sites.activations} == {3}
