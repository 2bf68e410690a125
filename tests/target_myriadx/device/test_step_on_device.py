# SPDX-License-Identifier: Apache-2.0
"""The step with a device, whose part a worker plays: measured figures replace estimates, and a loss costs nothing."""

import json
from pathlib import Path

import pytest

from drawplate.artifact import Form
from drawplate.errors import StepFailed
from drawplate.job import Request
from drawplate.metric import Source
from drawplate.testing import make_runner
from drawplate.toolenv import HostTool, start
from drawplate.zoo import build_model

pytestmark = pytest.mark.myriad
OPTIONS = {"device": "oak", "input": "float", "accuracy": False, "run": "device", "runs": 10}


@pytest.fixture
def runner(tmp_path):
    runner = make_runner(tmp_path)
    worker = Path(__file__).with_name("player.py")
    runner._tools["oak"] = start(HostTool(name="oak", summary="plays", package="json", worker=worker, hint=""))
    yield runner
    runner.close()


def request(runner, seed, **more):
    proto = build_model("mlp", {"hidden": [8]}, shape=(1, 8, 8), classes=10, seed=seed)
    model = runner.session.store.put_model(proto, Form.FLOAT)
    return Request(step="myriadx", subject=model, options={**OPTIONS, **more})


def play(runner, asked, *words):
    build = runner.run(
        Request(step="myriadx", subject=asked.subject, options=asked_export(asked), verbs=("export",))
    ).build
    build.root.joinpath("script.json").write_text(json.dumps(words))


def asked_export(asked):
    return {key: asked.options[key] for key in ("device", "input")}


def test_measured_figures_take_the_place_of_estimates(runner):
    asked = request(runner, 0)
    play(runner, asked, "answer")
    outcome = runner.run(asked)
    latency = next(metric for metric in outcome.metrics if metric.name == "latency_ms" and metric.layer is None)
    assert (latency.value, latency.source) == (pytest.approx(3.6), Source.MEASURED)
    energy = next(metric for metric in outcome.metrics if metric.name == "energy_mj")
    assert (energy.value, energy.source) == (pytest.approx(3.6 * 1.71), Source.ESTIMATED)
    assert outcome.tables["device_layers"] == ({"layer": "conv1", "type": "MyriadXHwOp", "latency_ms": 0.4},)


def test_a_loss_in_mid_search_fails_one_candidate_and_is_not_kept(runner):
    candidates = [request(runner, seed) for seed in range(3)]
    for asked, words in zip(candidates, (["answer"], ["die"], ["die", "answer"]), strict=True):
        play(runner, asked, *words)
    found = []
    for asked in candidates:
        try:
            found.append(runner.run(asked).metric("latency_ms"))
        except StepFailed as error:
            found.append(error.what)
    assert found == [pytest.approx(3.6), "the worker died", pytest.approx(3.6)]
    play(runner, candidates[1], "answer")
    assert runner.run(candidates[1]).metric("latency_ms") == pytest.approx(3.6)
