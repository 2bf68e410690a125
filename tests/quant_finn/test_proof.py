# SPDX-License-Identifier: Apache-2.0
"""The proof: ties are the model's, float32's rounding is told from errors, and an excuse can be refused."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tests.quant_finn.models import model, noise, norm

from drawplate import ModelError, StepFailed
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.reading import read
from drawplate_quant_finn.lowering.network import lowering
from drawplate_quant_finn.lowering.proof.compare import compare

QUANT = "qonnx.custom_op.general.Quant"
NETWORK = f"""
    g (float[N, 6] input) => (float[N, 3] logits) {{
        x = {QUANT} <signed = 1, narrow = 0, rounding_mode = "ROUND"> (input, si, z, b4)
        wq = {QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND"> (w, sw, z, b3)
        s = MatMul(x, wq)
        n = BatchNormalization <epsilon = 0.0> (s, bng, bnb, bnm, bnv)
        q = {QUANT} <signed = 1, narrow = 0, rounding_mode = "ROUND"> (n, sq, z, b4)
        vq = {QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND"> (v, sw, z, b3)
        logits = MatMul(q, vq)
    }}
"""


def network(**arrays):
    still = {"bng": np.ones(8), "bnb": np.zeros(8), "bnm": np.zeros(8), "bnv": np.ones(8)}
    values = {"si": 0.25, "sw": 0.5, "sq": 0.25, "z": 0, "b3": 3, "b4": 4, "w": noise(6, 8), "v": noise(8, 3, seed=1)}
    return model(NETWORK, **{**values, **still, **arrays})


def inputs(count=400):
    return np.random.default_rng(3).normal(size=(count, 6)).astype(np.float32)


def test_ties_of_powers_of_two_go_to_the_even_code_and_need_no_excuse():
    """Sums lie on .5 in about every second code; float32 is exact here, and so are the integers."""
    lowered = lowering(network())
    codes = lowered.codes.of(inputs())
    whole = np.clip(np.rint(noise(6, 8) / 0.5), -3, 3)
    ratio = codes @ whole * 0.25 * 0.5 / 0.25
    assert (ratio % 1 == 0.5).mean() > 0.4
    found = compare(lowered, inputs())
    assert not any(found.rounded.values())
    expected = np.clip(np.rint(ratio), -8, 7) @ np.clip(np.rint(noise(8, 3, seed=1) / 0.5), -3, 3) * 0.25 * 0.5
    assert (found.outputs == expected).all()


@pytest.fixture
def decimal():
    """Scales of 0.1: products of float32 lie beside the ties that their real numbers are on, or not."""
    return lowering(network(si=0.1, sw=0.1, sq=0.02))


def test_proven_rounding_is_counted(decimal):
    found = compare(decimal, inputs(), allowed=1)
    assert 0 < found.rounded["quant_4"] < found.codes
    assert "proven to be float32's rounding" in found.said


def test_what_float32_gives_is_told_beside_the_integers(decimal):
    """Where a code differs float32 goes on from its own, as numpy's float32 does, not from the integers'."""
    found = compare(decimal, inputs(), allowed=1)
    tenth, fiftieth = np.float32(0.1), np.float32(0.02)
    x = decimal.codes.of(inputs()).astype(np.float32) * tenth
    given = (noise(6, 8), noise(8, 3, seed=1))
    w, v = (np.clip(np.rint(array.astype(np.float32) / tenth), -3, 3) * tenth for array in given)
    terms = x[:, :, None] * w
    sums = (x @ w, terms.cumsum(axis=1)[:, -1])  # the order of additions is a library's own
    theirs = [np.clip(np.rint(each / fiftieth), -8, 7) * fiftieth @ v for each in sums]
    assert max(np.isclose(found.float32, each, atol=1e-5).all(axis=1).mean() for each in theirs) > 0.95
    assert np.isclose(found.float32, found.outputs, atol=1e-5).all(axis=1).mean() < 0.8


def test_more_rounding_than_allowed_is_refused(decimal):
    with pytest.raises(ModelError, match="rounds a sum across the border") as caught:
        compare(decimal, inputs(), allowed=0.001)
    assert "quant_4" in caught.value.where


@pytest.mark.parametrize("step", [-1, 1])
def test_a_threshold_that_is_off_by_one_is_no_rounding(step):
    lowered = lowering(network(**norm(8)))
    compare(lowered, inputs())
    _change(lowered.proto, "MVAU_0_param1", lambda thresholds: thresholds + step)
    with pytest.raises(StepFailed, match="the first is no rounding") as caught:
        compare(lowered, inputs())
    assert "quant_4" in caught.value.where


def test_an_excuse_is_refused_where_the_exact_sum_says_otherwise(decimal):
    """Codes on ties, turned the other way: float32 has the code too, in places, and it still is no excuse."""
    _change(decimal.proto, "MVAU_0_param1", lambda thresholds: thresholds[:, ::1] + (np.arange(15) % 2))
    with pytest.raises(StepFailed, match="the first is no rounding"):
        compare(decimal, inputs(), allowed=1)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Mul_0_param0", lambda scale: scale * np.float32(1.001)),
        ("MVAU_1_param0", lambda weights: weights + np.eye(*weights.shape)),
    ],
)
def test_an_output_that_is_off_is_found(name, change):
    lowered = lowering(network(**norm(8)))
    _change(lowered.proto, name, change)
    with pytest.raises(StepFailed, match="outputs differ by more than rounding"):
        compare(lowered, inputs())


def _change(proto: onnx.ModelProto, name, change):
    tensor = next(tensor for tensor in proto.graph.initializer if tensor.name == name)
    changed = np.asarray(change(numpy_helper.to_array(tensor)), np.float32)
    tensor.CopyFrom(numpy_helper.from_array(changed, name))


@pytest.mark.parametrize("scale", [0.5, -0.5])
@pytest.mark.parametrize("gamma", [1, -1, 0])
def test_a_pool_before_what_falls(scale, gamma):
    """The largest of a window comes first: what falls behind it, or before it, is no excuse."""
    text = f"""
        g (float[N, 1, 6, 6] input) => (float[N, 2] logits) {{
            x = {QUANT} <signed = 1, narrow = 0, rounding_mode = "ROUND"> (input, si, z, b4)
            wq = {QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND"> (w, sw, z, b3)
            s = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x, wq)
            n = BatchNormalization (s, bng, bnb, bnm, bnv)
            p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (n)
            q = {QUANT} <signed = 0, narrow = 0, rounding_mode = "ROUND"> (p, sq, z, b4)
            flat = Flatten(q)
            vq = {QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND"> (v, sw, z, b3)
            logits = MatMul(flat, vq)
        }}
    """
    still = {"bng": np.array([1, gamma, 0.5]), "bnb": np.full(3, 0.25), "bnm": np.zeros(3), "bnv": np.ones(3)}
    values = {"si": 0.25, "sw": 0.25, "sq": scale, "z": 0, "b3": 3, "b4": 4}
    proto = model(text, **values, **still, w=noise(3, 1, 3, 3), v=noise(27, 2, seed=1))
    images = np.random.default_rng(0).normal(size=(50, 1, 6, 6)).astype(np.float32)
    assert compare(lowering(proto), images).codes == 50 * 27


def test_layers_of_hardware_say_what_they_were_lowered_from():
    made = lowering(network())
    weighted = {node.name for node in made.graph.nodes if node.op_type == "MatMul"}
    assert {layer.origin for layer in read(made.proto).layers if isinstance(layer, MatMul)} == weighted
    assert len(weighted) == 2
