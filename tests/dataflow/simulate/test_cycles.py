# SPDX-License-Identifier: Apache-2.0
"""Clocks per frame that are simulated are those that the folding gives: no layer waits for another."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pipelines.build import network
from pipelines.draw import pipelines
from pipelines.foldings import within
from pipelines.operations import Conv, Dense, Levels, Pooling, Residual
from simulators import needs_simulator

from drawplate_dataflow.cost.latency import latency
from drawplate_dataflow.hardware import fork, generate
from drawplate_dataflow.hardware.fork import forked
from drawplate_dataflow.hardware.schedule import branch_fifos, pace
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.simulate.simulation import steady_frames
from drawplate_dataflow.specimens.fuzz import random_values
from drawplate_dataflow.technology import GENERIC

pytestmark = [pytest.mark.verilator, needs_simulator]

QUICK = SimulationSettings(optimise=False)
AROUND = (1, 1, 1, 1)
SAME = Conv(8, (3, 3), (1, 1), AROUND)
CASES = {
    "padded": ([SAME, SAME, SAME, Pooling((2, 2), (2, 2)), Dense(10)], (8, 8, 1), 576),
    "long residual": ([Conv(8, (1, 1)), Residual((SAME, SAME)), Dense(10)], (8, 8, 1), 576),
    "short residual": ([Conv(8, (1, 1)), Residual((SAME,), (Levels(),)), Dense(10)], (8, 8, 1), 576),
    "one window, the image": ([Conv(2, (3, 3)), Pooling((6, 6), (1, 1)), Dense(4)], (8, 8, 1), 324),
    "rows between windows": ([Conv(2, (1, 1), (3, 3)), Conv(2, (1, 2), (1, 1), (2, 2, 0, 1))], (9, 9, 1), 81),
}


def check(folded):
    design = generate(folded, GENERIC)
    result = run(design, random_values(folded, steady_frames(design), 0), QUICK)
    assert result.exact, f"{result.mismatches} frames differ, first in {result.first_differing_layer}"
    assert result.cycles_per_frame == design.cycles
    return design, result


@pytest.mark.parametrize("name", CASES)
def test_known_stalls(name):
    operations, shape, interval = CASES[name]
    folded = within(network(shape, operations), interval)
    design, result = check(folded)
    cycles = {layer.name: layer.cycles for layer in design.layers}
    assert latency(folded, cycles, GENERIC) == pytest.approx(result.latency, rel=0.12)


def residual():
    operations, shape, interval = CASES["long residual"]
    return within(network(shape, operations), interval)


def test_a_branch_keeps_no_more_than_comes_at_its_pace():
    """The window takes 576 clocks at least, in which 64 pixels come: 256 clocks of pipelines are 29 words, not 256."""
    folded = residual()
    (name,) = forked(folded)
    beats = folded.streams[name].pixels
    assert pace(folded, beats) == Fraction(64, 576)
    depths = sorted(branch_fifos(folded, name, beats))
    assert depths == [0, 128]


@pytest.mark.slow
def test_a_fifo_that_is_far_too_small_stalls(monkeypatch):
    monkeypatch.setattr(fork, "branch_fifos", lambda *asked: [depth // 4 for depth in branch_fifos(*asked)])
    folded = residual()
    design = generate(folded, GENERIC)
    result = run(design, random_values(folded, steady_frames(design), 0), QUICK)
    assert result.exact
    assert result.cycles_per_frame > design.cycles


QUIET = {"deadline": None, "phases": [Phase.explicit, Phase.generate], "suppress_health_check": list(HealthCheck)}


@given(pipelines())
@settings(max_examples=3, derandomize=True, **QUIET)
def test_random_networks(folded):
    check(folded)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@given(pipelines())
@settings(max_examples=200, **QUIET)
def test_two_hundred_random_networks(folded):
    check(folded)
