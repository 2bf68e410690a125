# SPDX-License-Identifier: Apache-2.0
"""A device that is lost in the middle of a search: a candidate fails, not the search.  A worker plays its part."""

import json
from pathlib import Path

import pytest

from drawplate.errors import StepFailed
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.testing import make_runner
from drawplate.toolenv import HostTool, start
from drawplate_target_myriadx.device.measure import ATTEMPTS

pytestmark = pytest.mark.myriad

FLOW = """
[model]
zoo = "flexstudent"
shape = [1, 8, 8]
classes = 10
conv_layers = 1
fc_layers = 1
neurons = 16
channels = [8]
[[step]]
use = "evolve"
space = "flexstudent"
population = 6
generations = 1
schedule = "generations"
[step.genes]
conv_layers = 1
fc_layers = 1
neurons = 16
channels = [4, 8, 12, 16, 20, 24]
[[step.candidate]]
use = "myriadx"
device = "oak"
input = "float"
accuracy = false
run = "device"
runs = 10
[step.objectives]
myriadx.latency_ms = "min"
params = "min"
"""


@pytest.fixture
def search(tmp_path, monkeypatch):
    """Run the flow with a device that follows a script; return what came of it, and the words that are left."""
    flow, script = tmp_path / "f.toml", tmp_path / "script.json"
    monkeypatch.setenv("PLAYER_SCRIPT", str(script))

    def run(*words):
        flow.write_text(FLOW)
        script.write_text(json.dumps(words))
        runner = make_runner(tmp_path)
        worker = Path(__file__).with_name("player.py")
        runner._tools["oak"] = start(HostTool(name="oak", summary="plays", package="json", worker=worker, hint=""))
        outcome = run_flow(read_flow(flow), runner).steps["evolve"].outcome
        runner.close()
        return outcome, json.loads(script.read_text())

    return run


def split(outcome):
    rows = outcome.tables["candidates"]
    return [[row for row in rows if row["status"] == status] for status in ("ok", "failed")]


def test_a_short_loss_costs_nothing(search):
    outcome, left = search("answer", "answer", "die", "nonsense", "answer")
    measured, failed = split(outcome)
    assert (len(measured), len(failed), left) == (6, 0, ["answer"])
    sources = {row["metrics"]["myriadx.latency_ms"]["source"] for row in measured}
    assert sources == {"measured"}


def test_a_long_loss_is_one_failed_candidate_and_is_reported(search):
    outcome, left = search("answer", "answer", *["die"] * ATTEMPTS, "answer")
    measured, failed = split(outcome)
    assert (len(measured), len(failed), left) == (5, 1, ["answer"])
    assert "the worker died" in failed[0]["reason"]
    assert not failed[0]["front"]


def test_a_later_run_tries_again_what_failed_and_nothing_else(search):
    with pytest.raises(StepFailed, match=r"baseline candidate.*the worker died"):
        search("answer", "answer", "die")
    outcome, left = search(*["answer"] * 10)
    measured, failed = split(outcome)
    assert (len(measured), len(failed), len(left)) == (6, 0, 6)
