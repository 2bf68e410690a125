# SPDX-License-Identifier: Apache-2.0
"""The step ``lower`` with FINN+ itself."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from tests.quant_finn.models import cnn, mlp, model, noise, norm
from tests.quant_finn.reference import reference_outputs

from drawplate import Form
from drawplate.data import Normalisation
from drawplate.input_codes import input_codes
from drawplate.job import Request
from drawplate.options import read_options
from drawplate.testing import StepContract
from drawplate.zoo import build_model
from drawplate_dataflow.network.golden import outputs
from drawplate_dataflow.reading import read
from drawplate_quant_finn.lowering.finn.model import lowered_by_finn
from drawplate_quant_finn.lowering.finn.second import compare_with_finn
from drawplate_quant_finn.lowering.network import lowered, lowering
from drawplate_quant_finn.lowering.proof.compare import compare
from drawplate_quant_finn.options import LowerOptions, QuantizeOptions
from drawplate_quant_finn.quantizing.network import quantized
from drawplate_quant_finn.training.torch_ops import handlers

pytestmark = pytest.mark.finn
UNIT = Normalisation((0.0,), (1.0,))


def pixels(count, size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 1, size, size), dtype=np.uint8)


def quantize(proto, size, **options):
    return quantized(proto, read_options(QuantizeOptions, options, "test"), UNIT, pixels(50, size))


def copy(proto):
    return onnx.ModelProto.FromString(proto.SerializeToString())


def layers(proto):
    return [node for node in proto.graph.node if node.domain.startswith("finn.")]


@pytest.mark.parametrize(
    "options",
    [
        {"weight_bits": 3, "act_bits": 3},
        {"weight_bits": 1, "act_bits": 1, "input_bits": 1},
        {"weight_bits": 2, "act_bits": 1, "input_bits": 2, "weight_quantizer": "paper"},
        {"weight_bits": 4, "act_bits": 4, "scales": "channel", "weight_quantizer": "learned"},
        {"weight_bits": 8, "act_bits": 8},
    ],
    ids=lambda options: f"W{options['weight_bits']}A{options['act_bits']}",
)
def test_perceptron(finn, tmp_path, options):
    proto = quantize(mlp(), 4, **options)
    result = lowered(proto)
    assert [node.op_type for node in result.graph.node] in (
        ["Flatten", "MVAU", "MVAU", "Mul"],
        ["Flatten", "MVAU", "MVAU"],
    )
    _agree(proto, result, 4, finn, tmp_path)


@pytest.mark.parametrize("activation", ["Tanh(n)", "Clip(n, low, high)", "Sigmoid(n)"])
def test_bounded_activations(finn, tmp_path, activation):
    text = """
        g (float[N, 1, 4, 4] input) => (float[N, 4] logits) {
            flat = Flatten(input)  s = Gemm(flat, w1, c)
            n = BatchNormalization(s, bng, bnb, bnm, bnv)
            a = %s
            logits = Gemm(a, w2, d)
        }
    """
    arrays = {"w1": noise(16, 6), "c": noise(6), "w2": noise(6, 4), "d": noise(4), "low": -1, "high": 1}
    proto = quantize(model(text % activation, **arrays, **norm(6)), 4, weight_bits=3, act_bits=3)
    _agree(proto, lowered(proto), 4, finn, tmp_path)


def test_residual_network(finn, tmp_path):
    proto = quantize(cnn(), 8, weight_bits=3, act_bits=3)
    result = lowered(proto)
    assert [node.op_type for node in layers(result)] == [
        "FMPadding", "ConvolutionInputGenerator", "MVAU", "ConvolutionInputGenerator", "Pool", "DuplicateStreams",
        "FMPadding", "ConvolutionInputGenerator", "MVAU", "Thresholding", "ElementwiseAdd", "Thresholding",
        "GlobalAccPool", "Thresholding", "MVAU",
    ]  # fmt: skip
    _agree(proto, result, 8, finn, tmp_path)


def test_pool_before_a_dense_layer(finn, tmp_path):
    text = """
        g (float[N, 1, 8, 8] input) => (float[N, 4] logits) {
            c = Conv <kernel_shape = [3, 3]> (input, k, kb)
            a = Relu(c)
            p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (a)
            flat = Flatten(p)
            logits = MatMul(flat, w)
        }
    """
    proto = quantize(model(text, k=noise(5, 1, 3, 3), kb=noise(5), w=noise(45, 4)), 8, weight_bits=3, act_bits=2)
    _agree(proto, lowered(proto), 8, finn, tmp_path)


def _agree(proto, result, size, finn, folder):
    """Check the ends, the folding, every code, FINN's executor on the result, and what FINN makes of the model."""
    assert (result.graph.input[0].name, result.graph.output[0].name) == ("input", "logits")
    for node in layers(result):
        assert {a.i for a in node.attribute if a.name in ("PE", "SIMD")} <= {1}
    images = UNIT.apply(pixels(200, size, seed=5))
    codes = input_codes(result).of(images)
    found = outputs(read(result), codes)
    onnx.save(result, folder / "model.onnx")
    np.save(folder / "in.npy", codes[:6])
    finn.call(
        "execute", model=str(folder / "model.onnx"), inputs=str(folder / "in.npy"), outputs=str(folder / "out.npy")
    )
    np.testing.assert_allclose(found[:6], np.load(folder / "out.npy"), rtol=1e-5, atol=1e-5)
    made = lowering(proto)
    agreement = compare(made, images)
    assert sum(agreement.rounded.values()) <= agreement.codes / 1000
    np.testing.assert_allclose(agreement.outputs, found, rtol=1e-6)
    float32 = reference_outputs(proto, images, handlers())
    np.testing.assert_allclose(float32, found, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(agreement.float32, float32, rtol=1e-4, atol=1e-4)
    second = compare_with_finn(made, lowered_by_finn(made, finn, folder, 120))
    assert second.off <= max(2, second.compared / 50)


def test_same_model_same_bytes(finn, tmp_path):
    proto = quantize(cnn(), 8)
    first, second = (lowered(proto).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_a_model_without_input_quantizer():
    text = """
        g (float[1, 6] input) => (float[1, 4] logits) {
            q = qonnx.custom_op.general.Quant <signed = 1, narrow = 1, rounding_mode = "ROUND"> (w, s, z, b)
            logits = MatMul(input, q)
        }
    """
    proto = model(text, w=noise(6, 4), s=0.25, z=0, b=4)
    result = lowered(proto, LowerOptions(input_datatype="INT4"))
    assert (input_codes(result).bits, input_codes(result).signed) == (4, True)
    codes = np.random.default_rng(0).integers(-8, 8, (10, 6))
    weights = np.clip(np.round(noise(6, 4) / 0.25), -7, 7)
    np.testing.assert_allclose(outputs(read(result), codes), codes @ weights * 0.25)


def test_estimates_and_folding(finn, tmp_path):
    result = lowered(quantize(mlp(), 4, weight_bits=3, act_bits=3))
    onnx.save(result, tmp_path / "model.onnx")
    folding = {"MVAU_0": {"PE": 4, "SIMD": 8}}
    rows = finn.call("estimate", model=str(tmp_path / "model.onnx"), folding=folding, part="xc7z020clg400-1")
    assert [(row["layer"], row["cycles"]) for row in rows] == [("MVAU_0", 16 * 12 // 32), ("MVAU_1", 48)]
    assert all(row["lut"] > 0 for row in rows)
    found = finn.call(
        "set_folding", model=str(tmp_path / "model.onnx"), target=str(tmp_path / "f.onnx"), target_cycles=12
    )
    assert 16 * 12 / (found["MVAU_0"]["PE"] * found["MVAU_0"]["SIMD"]) <= 12


def test_a_model_fed_pixels_without_input_quantizer():
    text = """
        g (float[1, 6] input) => (float[1, 4] logits) {
            q = qonnx.custom_op.general.Quant <signed = 1, narrow = 1, rounding_mode = "ROUND"> (w, s, z, b)
            logits = MatMul(input, q)
        }
    """
    proto = model(text, w=noise(6, 4), s=0.25, z=0, b=4)
    result = lowered(proto, LowerOptions(input_datatype="UINT8"))
    codes = np.random.default_rng(0).integers(0, 256, (10, 6))
    weights = np.clip(np.round(noise(6, 4) / 0.25), -7, 7)
    np.testing.assert_allclose(outputs(read(result), codes), codes @ weights * 0.25 / 255, rtol=1e-5)


class TestContract(StepContract):
    step = "lower"

    @pytest.fixture
    def model(self, runner):
        float_model = runner.session.store.put_model(
            build_model("mlp", {"hidden": [16]}, shape=(1, 8, 8), classes=10, seed=0), Form.FLOAT
        )
        request = Request(step="quantize", subject=float_model, options={"weight_bits": 3, "act_bits": 3})
        return runner.run(request).artifact
