# SPDX-License-Identifier: Apache-2.0
"""The question whose answer is known tells float32 from everything that keeps less, in every engine."""

import numpy as np
import pytest

from drawplate.errors import ModelError, ToolWrong
from drawplate.known import ANSWER, ask, images
from drawplate.known.network import parameters
from drawplate.processor import processor


def bits(kept):
    """Round to so many bits of mantissa."""

    def rounded(values):
        mantissa, exponent = np.frexp(np.asarray(values, np.float64))
        return np.ldexp(np.round(np.ldexp(mantissa, kept)), exponent - kept)

    return rounded


def computed(rounded=lambda values: values):
    """The network layer by layer in double precision, every tensor rounded; and the largest sum of magnitudes."""
    x, (kernel, bias, matrix) = rounded(images())[0], (rounded(array) for array in parameters().values())
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    found = rounded(np.einsum("chwij,ocij->ohw", windows, kernel) + bias[:, None, None])
    reach = np.einsum("chwij,ocij->ohw", abs(windows), abs(kernel)) + abs(bias)[:, None, None]
    pooled = np.maximum(found, 0).reshape(4, 3, 2, 3, 2).max((2, 4)).ravel()
    return tuple(rounded(pooled @ matrix)), max(reach.max(), (pooled @ abs(matrix)).max())


def test_the_answer_is_exact_in_float32_in_any_order():
    answer, reach = computed()
    assert answer == ANSWER
    assert reach < 2**24
    assert len(set(images().ravel())) == images().size


@pytest.mark.parametrize("kept", [8, 10, 11], ids=["bfloat16", "TF32 less one", "FP16 and TF32"])
def test_whatever_keeps_less_gives_another_answer(kept):
    assert computed(bits(24))[0] == ANSWER
    assert all(abs(found - known) > 1 for found, known in zip(computed(bits(kept))[0], ANSWER, strict=True))


def test_engines_of_this_process_answer_rightly():
    from drawplate.ort import session
    from drawplate.torch import engine

    session._known.cache_clear()
    engine.check.cache_clear()
    session.check()
    engine.check("cpu")


def half(model, x):
    """An engine that computes in bfloat16."""
    import torch

    from drawplate.torch import OnnxModule

    module = OnnxModule(model, {}).eval().bfloat16()
    with torch.no_grad():
        return module(torch.from_numpy(x).bfloat16()).float().ravel().tolist()


def test_a_wrong_answer_is_about_the_tool_and_the_processor():
    with pytest.raises(ToolWrong) as raised:
        ask(half, "PyTorch 0.0")
    assert str(raised.value).startswith(f"PyTorch 0.0 on {processor()}: computes wrongly on this processor")
    assert "-17052, -96312, 368279 gives" in str(raised.value)
    assert "next: nothing that it computes here can be believed" in str(raised.value)
    assert raised.value.exit_code == 2


class HalfSession:
    """Stands for a session of a build of ONNX Runtime that computes in bfloat16."""

    def __init__(self, model):
        self.model = model

    def run(self, _names, given):
        return [np.asarray(half(self.model, given["x"]))]


def test_a_user_s_model_is_not_blamed_for_what_onnx_runtime_does(monkeypatch, tiny):
    from drawplate.doctor import examine
    from drawplate.ort import session
    from drawplate.plugins import Plugins

    session._known.cache_clear()
    monkeypatch.setattr(session, "_open", lambda model, _threads, **_how: HalfSession(model))
    with pytest.raises(ToolWrong, match=r"^ONNX Runtime \S+ on ") as raised:
        session.open_session(tiny, threads=1, exact=True)
    assert not isinstance(raised.value, ModelError)
    (row,) = [row for row in examine(Plugins((), entries=())) if row["name"] == "onnxruntime"]
    assert not row["found"]
    assert "computes wrongly on this processor" in row["details"]


def test_training_does_not_begin_on_a_device_that_computes_wrongly(monkeypatch, tmp_path):
    from drawplate.job import Request
    from drawplate.testing import make_runner
    from drawplate.torch import engine
    from drawplate.zoo import build_model

    runner = make_runner(tmp_path, data={"name": "digits"})
    proto = build_model("mlp", {"hidden": [4]}, shape=runner.dataset().shape, classes=10, seed=0)
    engine.check.cache_clear()
    monkeypatch.setattr(engine, "ask", lambda _engine, name: ask(half, name))
    with pytest.raises(ToolWrong, match=r"^PyTorch \S+ \(cpu\) on "):
        runner.run(Request(step="fit", subject=runner.session.store.put_model(proto)))
