# SPDX-License-Identifier: Apache-2.0
"""Random networks: every judge agrees on every bit, or the plan refuses.

What fails is shrunk by ``python benchmarks/fuzz.py --seed SEED --count 1 --findings FOLDER``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from differential.convolutional import draw_convolutional
from differential.court import Court
from differential.dice import Seeded
from differential.draw import draw
from differential.spec import load

from drawplate import ToolMissing
from drawplate_dataflow.simulate.verilate import compiler, verilator

FINDINGS = sorted((Path(__file__).parent / "findings").glob("*.json"))
SHARE, SHARES, IMAGE_SHARES = 20, 9, 3
KINDS = {"MatMul", "Depthwise", "Threshold", "Window", "Pad", "Pool", "Add", "Sub", "Upsample", "Concat"}
SIMULATED = 3
CONVOLUTIONAL = (0, 2, 4, 5, 10, 19)
"""Seeds that hold, together, most kinds of layers."""


def _simulates():
    try:
        verilator(), compiler()
    except ToolMissing:
        return False
    return True


@pytest.fixture(scope="module")
def court(tmp_path_factory):
    made = Court(tmp_path_factory.mktemp("court"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def thorough(tmp_path_factory):
    """Ask FINN+ about every network, as the default options do."""
    made = Court(tmp_path_factory.mktemp("thorough"), second=True)
    yield made
    made.close()


@pytest.mark.parametrize("start", range(0, SHARE * SHARES, SHARE))
def test_judges_agree_or_the_plan_refuses(court, start):
    verdicts = {seed: court.judge(draw(Seeded(seed))) for seed in range(start, start + SHARE)}
    findings = {seed: f"{v.stage}: {v.message}" for seed, v in verdicts.items() if v.outcome == "finding"}
    assert not findings
    assert sum(verdict.outcome == "agreed" for verdict in verdicts.values()) >= SHARE // 2


@pytest.mark.parametrize("start", range(0, SHARE * IMAGE_SHARES, SHARE))
def test_convolutional_networks_agree_or_are_refused(court, start):
    verdicts = {seed: court.judge(draw_convolutional(Seeded(seed))) for seed in range(start, start + SHARE)}
    findings = {seed: f"{v.stage}: {v.message}" for seed, v in verdicts.items() if v.outcome == "finding"}
    assert not findings
    assert sum(verdict.outcome == "agreed" for verdict in verdicts.values()) >= SHARE * 3 // 4
    if start == 0:
        assert {kind for verdict in verdicts.values() for kind in verdict.kinds} >= KINDS


@pytest.mark.verilator
@pytest.mark.skipif(not _simulates(), reason="needs Verilator and a C++ compiler")
def test_so_does_the_rtl(court):
    agreed = 0
    for seed in range(5000, 5040):
        network = draw(Seeded(seed))
        small = network.writer == "own" and len(network.layers) <= 3
        if small and court.judge(network).outcome == "agreed":
            verdict = court.judge(network, foldings=2)
            assert verdict.outcome == "agreed", f"{seed}: {verdict.stage}: {verdict.message}"
            agreed += 1
        if agreed == SIMULATED:
            return
    pytest.fail("hardly any network agrees")


@pytest.mark.verilator
@pytest.mark.skipif(not _simulates(), reason="needs Verilator and a C++ compiler")
@pytest.mark.parametrize("seed", CONVOLUTIONAL)
def test_so_does_the_rtl_of_convolutional_networks(court, seed):
    verdict = court.judge(draw_convolutional(Seeded(seed)), foldings=1)
    assert verdict.outcome == "agreed", f"{verdict.stage}: {verdict.message}"


@pytest.mark.parametrize("path", FINDINGS, ids=[path.stem for path in FINDINGS])
def test_what_was_mended_stays_mended(thorough, path):
    verdict = thorough.judge(load(path), foldings=2 if path.stem.startswith("rtl") and _simulates() else 0)
    assert verdict.outcome != "finding", f"{verdict.stage}: {verdict.message}"


def test_a_quantizer_of_one_code_is_refused(court):
    verdict = court.judge(load(Path(__file__).parent / "findings" / "one_code.json"))
    assert (verdict.outcome, verdict.stage) == ("refused", "door")
    assert "one code only" in verdict.message


@pytest.mark.parametrize("name", ["line_pad", "line_concat", "shape_behind_resize"])
def test_what_was_refused_once_is_lowered(court, name):
    verdict = court.judge(load(Path(__file__).parent / "findings" / f"{name}.json"))
    assert verdict.outcome == "agreed", f"{verdict.stage}: {verdict.message}"
