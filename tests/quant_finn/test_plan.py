# SPDX-License-Identifier: Apache-2.0
"""What a run would refuse after training, plan refuses before: with numbers as training may leave them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tests.quant_finn.models import model, noise, norm

from drawplate import ModelError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.trained import as_if_trained
from drawplate.testing import make_runner

QUANT = "qonnx.custom_op.general.Quant"
SIGNED = f'{QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND">'
START = f"""
    x = {QUANT} <signed = 0, narrow = 0, rounding_mode = "ROUND"> (input, si, z, b8)
    wq = {SIGNED} (w, s, z, b)  uq = {SIGNED} (u, s, z, b)  vq = {SIGNED} (v, s, z, b)
"""
END = "flat = Flatten(o) logits = MatMul(flat, vq)"
CONV = "Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]>"
FIT = '[[step]]\nuse = "fit"\nepochs = 1\n'


def network(body):
    text = f"g (float[N, 1, 8, 8] input) => (float[N, 10] logits) {{ {START} {body} {END} }}"
    arrays = {"w": noise(2, 1, 3, 3), "u": noise(2, 2, 3, 3), "v": noise(128, 10), "si": 1 / 255, "s": 0.25, "z": 0}
    return model(text, **arrays, s1=0.5, s2=0.5, b=3, b8=8, **norm(2), **norm(2, "bm"))


def plan(tmp_path, proto, steps):
    onnx.save(proto, tmp_path / "m.onnx")
    (tmp_path / "flow.toml").write_text(
        f'[model]\nonnx = "m.onnx"\n[data]\nname = "digits"\n{steps}[[step]]\nuse = "lower"\n'
    )
    flow = read_flow(tmp_path / "flow.toml")
    runner = make_runner(tmp_path, data=flow.data)
    try:
        return make_plan(flow, runner)
    finally:
        runner.close()


LATE = {
    "scales that happen to be equal": (
        (
            f"c = {CONV}(x, wq) a = {SIGNED} (c, s1, z, b) d = {CONV}(a, uq) e = {SIGNED} (d, s2, z, b) t = Add(a, e)"
            f" o = {SIGNED} (t, s, z, b)"
        ),
        "different scales",
    ),
    "a normalisation without a quantizer before a border": (
        (
            f"c = {CONV}(x, wq) a = {SIGNED} (c, s1, z, b) n = BatchNormalization(a, still, none, none, still)"
            f" d = {CONV}(n, uq) o = {SIGNED} (d, s2, z, b)"
        ),
        "no code stands for 0",
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_what_training_would_break_is_refused_before(tmp_path, name):
    body, reason = LATE[name]
    proto = network(body)
    for tensor, value in (("still", np.ones(2)), ("none", np.zeros(2))):
        proto.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), tensor))
    plan(tmp_path, proto, "")
    with pytest.raises(ModelError, match=reason) as caught:
        plan(tmp_path, proto, FIT)
    assert "numbers that training may give" in caught.value.where


def test_gammas_of_any_sign_are_no_reason_to_refuse(tmp_path):
    """Convolution, BatchNormalization, MaxPool, Relu: a falling channel is turned round in the weights."""
    pool = "MaxPool <kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]>"
    body = (
        f"c = {CONV}(x, wq) n = BatchNormalization(c, bng, bnb, bnm, bnv) p = {pool}(n) r = Relu(p)"
        f" a = {QUANT} <signed = 0> (r, s1, z, b) d = {CONV}(a, uq) m = BatchNormalization(d, bmg, bmb, bmm, bmv)"
        f" o = {SIGNED} (m, s2, z, b)"
    )
    assert len(plan(tmp_path, network(body), FIT).steps) == 2


def test_numbers_as_training_may_leave_them():
    body = f"c = {CONV}(x, wq) n = BatchNormalization(c, bng, bnb, bnm, bnv) o = {SIGNED} (n, s1, z, b)"
    proto = network(body)
    changed = as_if_trained(proto)
    arrays = {t.name: numpy_helper.to_array(t) for t in changed.graph.initializer}
    assert arrays["bng"][0] < 0
    assert arrays["s1"] != 0.5
    assert (arrays["bnv"] > 0).all()
    assert (arrays["v"] == noise(128, 10)).all()
    assert changed.graph.node == proto.graph.node
