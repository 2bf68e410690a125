# SPDX-License-Identifier: GPL-3.0-or-later
"""Real techniques and targets, on the digits."""

import pytest

from drawplate.flow.plan import make_plan
from drawplate.flow.read import read_flow
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

DISTILLED = """
[model]
zoo = "flexstudent"
conv_layers = 1
fc_layers = 1
channels = [4]
[models.teacher]
zoo = "mlp"
hidden = [32]
[data]
name = "digits"
[[step]]
use = "fit"
name = "teacher-fit"
on = "teacher"
epochs = 3
[[step]]
use = "evolve"
on = "model"
teachers = ["teacher-fit"]
space = ["flexstudent", "kd"]
population = 3
generations = 2
[[step.candidate]]
use = "distill"
epochs = 1
lr = 1e-2
[[step.candidate]]
use = "ort"
accuracy = false
runs = 3
[step.genes]
conv_layers = [1, 2]
channels = [2, 4, 8]
distill.temperature = [2.0, 4.0]
[step.objectives]
error = "min"
macs = "min"
ort.latency_ms = "min"
"""

FOLDED = """
[model]
zoo = "mlp"
hidden = [16, 16]
[data]
name = "digits"
[[step]]
use = "evolve"
space = ["bits", "folding"]
population = 3
generations = 1
[[step.candidate]]
use = "quantize"
[[step.candidate]]
use = "fit"
epochs = 1
[[step.candidate]]
use = "lower"
check_images = 20
[[step.candidate]]
use = "fold"
[[step.candidate]]
use = "z7020"
only = ["measure"]
[step.genes]
fold.target_fps = [1e5, 1e6]
[step.objectives]
error = "min"
z7020.lut = "min"
z7020.fps = "max"
[step.constraints]
z7020.lut = "<= 2000"
z7020.bram18 = "<= 280"
z7020.energy_uj = "<= 100"
[[step]]
use = "z7020"
images = 2
synthesise = false
"""

PRUNED = """
[model]
zoo = "flexstudent"
conv_layers = 2
channels = [8]
neurons = 16
[data]
name = "digits"
[[step]]
use = "evolve"
space = "channels"
population = 3
generations = 1
[[step.candidate]]
use = "fit"
epochs = 1
[step.objectives]
error = "min"
macs = "min"
"""


def written(tmp_path, text):
    path = tmp_path / "f.toml"
    path.write_text(text)
    return read_flow(path)


def test_distilled_students_are_measured_on_this_host(tmp_path):
    result = run_flow(written(tmp_path, DISTILLED), make_runner(tmp_path, data={"name": "digits"}))
    outcome = result.steps["evolve"].outcome
    rows = outcome.tables["candidates"]
    assert len(rows) == 6
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["metrics"]["error"]["source"] for row in rows} == {"measured"}
    assert all(0 < row["metrics"]["error"]["value"] < 100 for row in rows)
    (baseline,) = (row for row in rows if row["baseline"])
    assert baseline["genome"]["channels"] == 4
    assert {row["proxy"] for row in outcome.tables["proxies"]} == {"params", "macs", "synflow", "early_loss"}
    assert "validation images" in next(m.note for m in outcome.front[0].metrics if m.name == "error")


def test_channels_are_cut_and_trained_again(tmp_path):
    result = run_flow(written(tmp_path, PRUNED), make_runner(tmp_path, data={"name": "digits"}))
    (baseline,) = (row for row in result.steps["evolve"].outcome.tables["candidates"] if row["baseline"])
    assert baseline["genome"]["conv2"] == 16
    assert len(result.steps["evolve"].outcome.tables["candidates"]) == 3


@pytest.mark.finn
@pytest.mark.slow
def test_bits_and_foldings_against_a_part(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits"})
    flow = written(tmp_path, FOLDED)
    try:
        plan = make_plan(flow, runner)
        assert plan.steps[0].gives == "dataflow"
        assert any("z7020.lut <= 2000: checked before training" in note for note in plan.steps[0].notes)
        result = run_flow(flow, runner)
    finally:
        runner.close()
    outcome = result.steps["evolve"].outcome
    for row in outcome.tables["candidates"]:
        assert row["metrics"]["z7020.lut"]["source"] == "estimated"
        if row["status"] == "ok":
            assert row["metrics"]["z7020.fps"]["value"] >= row["genome"]["fold.target_fps"]
            assert row["metrics"]["z7020.lut"]["value"] <= 2000
            energy = row["metrics"]["z7020.energy_uj"]
            assert 0 < energy["value"] < 5 > energy["error"] > 0
    rejected = [row for row in outcome.tables["candidates"] if row["status"] == "rejected"]
    assert rejected
    assert all(row["reason"].startswith("z7020.lut <= 2000: ") for row in rejected)
    assert all("early_loss" not in row["metrics"] for row in rejected)  # not trained
    assert {metric.name for metric in result.steps["z7020"].outcome.metrics} >= {"fps", "lut"}
