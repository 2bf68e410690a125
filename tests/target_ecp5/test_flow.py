# SPDX-License-Identifier: Apache-2.0
"""From a float model to a bitstream: simulated bit for bit, placed and routed at more than 100 MHz."""

import json
from pathlib import Path

import pytest

from drawplate import Source
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store

FLOWS = Path(__file__).parents[2] / "flows"


def run(name, tmp_path, **changes):
    flow = read_flow(FLOWS / f"{name}.toml")
    for step in flow.steps:
        for key, value in changes.get(step.use, {}).items():
            step.options[key] = value
    runner = Runner.of(Session(store=Store(tmp_path), data=flow.data))
    steps = run_flow(flow, runner).steps
    runner.close()
    return steps["ecp5"].outcome


def check(outcome, board):
    found = {metric.name: metric for metric in outcome.metrics if metric.layer is None}
    assert found["fmax_mhz"].source is Source.PLACED
    assert found["fmax_mhz"].value >= 100
    assert found["fps"].source is Source.SIMULATED
    assert "at 100 MHz; placed and routed" in found["fps"].note
    assert "all outputs equal to the golden model, also under random back-pressure" in found["cycles"].note
    assert found["top1"].value > 80
    assert found["fits"].value == 1
    by_layer = [metric for metric in outcome.metrics if metric.layer and metric.name == "lut4"]
    assert sum(metric.value for metric in by_layer) == found["lut4"].value
    assert "wrapper" in {metric.layer for metric in by_layer}
    build = outcome.build
    assert build.path("drawplate.bit").read_bytes()[:2] == b"\xff\x00", "the preamble of a bitstream"
    assert b"Part: LFE5U" in build.path("drawplate.bit").read_bytes()[:200]
    assert build.plan["board"] == board
    assert "<svg" in build.path("placement.svg").read_text()
    assert json.loads(build.path("stream.json").read_text())["board"] == board
    assert outcome.tables["arrivals"]


@pytest.mark.verilator
@pytest.mark.yosys
@pytest.mark.finn
def test_a_small_perceptron_reaches_a_bitstream(tmp_path):
    small = {"fit": {"epochs": 12}, "ecp5": {"images": 20, "board": "colorlight-i5"}, "fold": {"target_fps": 100_000}}
    check(run("quantize-fold-ecp5", tmp_path, **small), "colorlight-i5")


@pytest.mark.slow
@pytest.mark.verilator
@pytest.mark.yosys
@pytest.mark.finn
def test_a_small_convolutional_network_reaches_a_bitstream(tmp_path):
    check(run("cnn-ecp5", tmp_path), "colorlight-i5")
