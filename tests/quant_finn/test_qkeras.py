# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""A file of QONNX's converter for QKeras enters a flow like any other: measured, retrained, lowered."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes
from tests.quant_finn.qkeras import network, perceptron

from drawplate import Form
from drawplate.door import Wish, take_in
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

FLOW = """
[model]
onnx = "keras.onnx"
[data]
name = "digits"
normalise = "unit"
[[step]]
name = "before"
use = "ort"
only = ["measure"]
[[step]]
use = "fit"
epochs = 8
lr = 0.005
batch = 32
[[step]]
name = "after"
use = "ort"
only = ["measure"]
"""
LOWER = """
[[step]]
use = "lower"
"""


@pytest.mark.parametrize("make", [perceptron, network])
def test_it_computes_what_the_executor_computes(make):
    from drawplate.torch import OnnxModule

    torch = pytest.importorskip("torch")
    images = np.random.default_rng(0).random((4, 8, 8, 1), dtype=np.float32)
    given, taken = take_in(make()).proto, take_in(make(), Wish(data=(1, 8, 8))).proto
    name, result = given.graph.input[0].name, given.graph.output[0].name
    model = ModelWrapper(given).transform(InferShapes())
    expected = [execute_onnx(model, {name: image[None]})[result] for image in images]
    with torch.no_grad():
        found = OnnxModule(taken).eval()(torch.from_numpy(images.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-5)


@pytest.mark.finn
@pytest.mark.parametrize("make", [perceptron, network])
def test_it_is_measured_retrained_and_lowered(finn, tmp_path, make):
    onnx.save(make(), tmp_path / "keras.onnx")
    (tmp_path / "flow.toml").write_text(FLOW + LOWER)
    flow = read_flow(tmp_path / "flow.toml")
    runner = make_runner(tmp_path, data=flow.data)
    try:
        steps = run_flow(flow, runner).steps
    finally:
        runner.close()
    before, after = (steps[name].outcome.metric("top1") for name in ("before", "after"))
    assert after > 70 > before
    assert steps["lower"].outcome.artifact.form is Form.DATAFLOW
    assert f"{after:.2f} % as QONNX" in steps["lower"].outcome.notes[0]


def test_scales_of_qkeras_stay_powers_of_two():
    from drawplate.torch import OnnxModule

    taken = take_in(perceptron(), Wish(data=(1, 8, 8))).proto
    assert not any("scale" in name for name, _ in OnnxModule(taken).named_parameters())


def test_a_row_of_grey_pixels_is_flattened_first():
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[N, 64] row) => (float[N, 64] y) { y = Relu(row) }'
    )
    proto = take_in(proto, Wish(data=(1, 8, 8))).proto
    assert [node.op_type for node in proto.graph.node] == ["Flatten", "Relu"]
    assert [d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim] == [0, 1, 8, 8]
    onnx.checker.check_model(proto, full_check=True)


@pytest.mark.parametrize("shape", ["N, 3, 8, 8", "N, 192", "N, 5"])
def test_what_fits_or_cannot_be_guessed_is_left_alone(shape):
    text = f'<ir_version: 8, opset_import: ["" : 13]> g (float[{shape}] x) => (float[{shape}] y) {{ y = Relu(x) }}'
    proto = onnx.parser.parse_model(text)
    before = proto.SerializeToString()
    found = take_in(proto, Wish(data=(3, 8, 8))).proto
    assert [node.op_type for node in found.graph.node] == ["Relu"]
    assert proto.SerializeToString() == before
