# SPDX-License-Identifier: Apache-2.0
"""Inputs that are no pictures of bytes: floats on both devices, refused where FP16 or bytes cannot hold them."""

from __future__ import annotations

import numpy as np
import pytest

from drawplate.errors import ModelError
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model


@pytest.fixture
def features(tmp_path):
    """Make a runner over features around an offset, and a model that takes them."""

    def make(offset=0.0, **data):
        random = np.random.default_rng(0)
        x = (random.normal(offset, 1, (90, 1, 12, 5))).astype(np.float32)
        np.savez(tmp_path / "own.npz", x=x, y=np.arange(90) % 3)
        runner = make_runner(tmp_path, data={"name": "npz", "path": str(tmp_path / "own.npz"), **data})
        proto = build_model(
            "flexstudent", {"conv_layers": 1, "channels": [4], "neurons": 8}, shape=(1, 12, 5), classes=3, seed=0
        )
        return runner, runner.session.store.put_model(proto)

    return make


def preview(made, **options):
    runner, model = made
    try:
        return runner.preview(Request(step="myriadx", subject=model, options=options))
    finally:
        runner.close()


def test_values_beyond_fp16_are_refused_before_anything_is_compiled(features):
    with pytest.raises(ModelError, match=r"is fed values up to 100\d+, beyond FP16(.|\n)*standard"):
        preview(features(1e5))


def test_floats_are_no_bytes(features):
    with pytest.raises(ModelError, match="takes numbers that are no bytes"):
        preview(features(), input="bytes")


@pytest.mark.myriad
@pytest.mark.parametrize("device", ["ncs2", "oak"])
def test_floats_are_fed_as_floats_to_either_device(device, features):
    runner, model = features(1e5, normalise="standard")
    outcome = runner.run(Request(step="myriadx", subject=model, options={"device": device}))
    runner.close()
    assert outcome.build.plan["input"] == "float"
    assert 0 <= outcome.metric("top1") <= 100
