# SPDX-License-Identifier: Apache-2.0
"""One output for two classes is judged alike by every step, from training to simulated hardware."""

import pytest

from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store

FLOW = """
[data]
name = "breast-cancer"
test_limit = 40
[model]
zoo = "mlp"
hidden = [8]
classes = 1
bias = true
[[step]]
use = "quantize"
[[step]]
use = "fit"
epochs = 15
batch = 32
lr = 0.01
[[step]]
use = "ort"
runs = 5
[[step]]
use = "lower"
on = "fit"
finn = false
[[step]]
use = "z7020"
images = 40
synthesise = false
back_pressure = false
"""


@pytest.mark.verilator
def test_one_output_end_to_end(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text(FLOW)
    flow = read_flow(path)
    runner = Runner.of(Session(store=Store(tmp_path / "store"), data=flow.data))
    steps = run_flow(flow, runner).steps
    runner.close()
    ort, rtl = steps["ort"].outcome, steps["z7020"].outcome
    assert ort.metric("top1") > 80
    for name in ("top1", "error", "balanced_accuracy", "auc"):
        assert rtl.metric(name) == pytest.approx(ort.metric(name)), name
    curve = steps["fit"].outcome.curves["val_top1"]
    assert curve[-1][1] > 80
    (note,) = (note for note in steps["lower"].outcome.notes if "in integers" in note)
    assert f"top1 {ort.metric('top1'):.2f} % in integers, {ort.metric('top1'):.2f} % as QONNX" in note
    assert "95 % interval" in note
