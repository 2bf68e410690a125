# SPDX-License-Identifier: Apache-2.0
"""Networks on floats, from training to the simulated RTL: the input's codes are signed, and every step agrees."""

from __future__ import annotations

import json

import numpy as np
import pytest

from drawplate.engine import Engine
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.reporter import SilentReporter
from drawplate_dataflow.host import drawplate_stream

pytestmark = pytest.mark.verilator
MODELS = {
    "features": ((12,), 'zoo = "mlp"\nhidden = [8]'),
    "mfcc": ((1, 12, 5), 'zoo = "flexstudent"\nconv_layers = 1\nchannels = [2]\nneurons = 6'),
}
STEPS = """
[data]
name = "npz"
path = "own.npz"
normalise = "standard"
[[step]]
use = "quantize"
weight_bits = 3
act_bits = 3
input_bits = 6
[[step]]
use = "fit"
epochs = 12
batch = 16
lr = 0.01
[[step]]
use = "ort"
runs = 3
[[step]]
use = "lower"
finn = false
[[step]]
use = "fold"
[[step]]
use = "z7020"
images = 30
synthesise = false
"""


@pytest.mark.parametrize(("shape", "model"), MODELS.values(), ids=MODELS)
def test_a_network_on_floats_is_exact_from_training_to_rtl(shape, model, tmp_path):
    random = np.random.default_rng(0)
    y = np.arange(180) % 3
    centres = random.normal(0, 40, (3, *shape))
    x = (centres[y] + random.normal(-300, 20, (180, *shape))).astype(np.float32)
    np.savez(tmp_path / "own.npz", x=x, y=y)
    (tmp_path / "my.toml").write_text(f"[model]\n{model}\n{STEPS}")
    flow = read_flow(tmp_path / "my.toml")
    with Engine(store=tmp_path / "store", workers=1).runner(flow, SilentReporter()) as runner:
        steps = run_flow(flow, runner).steps
        test = runner.dataset().split("test")
        codes = _codes_on_the_board(steps["z7020"].outcome.build, test.x)
    host, chip = (steps[name].outcome.metric("top1") for name in ("ort", "z7020"))
    assert host == chip > 60  # all 30 test items; the RTL agrees with the integers, these with QONNX
    assert any("become codes from -31 to 31" in note for note in steps["quantize"].outcome.notes)
    assert any("codes equal those of the QONNX model" in note for note in steps["lower"].outcome.notes)
    assert codes.min() < 0 < codes.max() <= 31


def _codes_on_the_board(build, items):
    stream = json.loads(build.path("stream.json").read_text())
    codes = drawplate_stream.encode(items, stream["encoding"])
    drawplate_stream.pack(codes, stream["input"])  # fits the bus
    return codes
