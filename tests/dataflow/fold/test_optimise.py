# SPDX-License-Identifier: Apache-2.0
"""The optimiser against trying every folding."""

import itertools
import math

import numpy as np
import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipelines.draw import pipelines

from drawplate_dataflow.cost import load_model
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.folding import Goal, Problem, smallest_plan
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.resources import Resources, total
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.evidence import estimate_forks, estimate_layers


@frozen
class ToyCost:
    """Costs that pull in different directions: lanes cost LUTs, long folds block RAM, unequal widths a converter."""

    lut: float
    memory: float
    converter: float
    blocks: float = 0
    """LUTs that a processing element in DSP48E1 blocks saves per element."""

    def estimate(self, layer: MatMul, sources, beats) -> Estimate:
        beat = beats[0]
        wide = layer.pe * layer.simd
        converted = self.converter * max(beat, layer.simd) if beat != layer.simd else 0
        block = math.ceil(self.memory * wide / 8) if layer.memory.value == "block" else 0
        luts = self.lut * wide + converted + (wide * 3 if layer.memory.value != "block" else 0)
        luts -= self.blocks * layer.dsp_pe * layer.simd
        resources = Resources(lut=luts, ff=wide, bram18=block, dsp=layer.dsp_pe * layer.simd)
        return Estimate(resources=resources, cycles=layer.sf * layer.nf)


def network(sizes, bits=2, seed=0):
    shapes = [LayerShape(mh=mh, pe=1, simd=1, weight_bits=bits, output_bits=bits) for mh in sizes[1:]]
    return random_mlp(sizes[0], unsigned(bits), shapes, seed)


def every_folding(problem):
    """All combinations, priced along the chain."""
    layers = problem.network.layers
    for combination in itertools.product(*(problem.options[layer.name] for layer in layers)):
        beat, taken, cycles = combination[0].layer.takes, Resources(), 0
        for option in combination:
            estimate = problem.estimate(option, (beat,))
            if estimate is None:
                break
            taken, cycles, beat = taken + estimate.resources, max(cycles, estimate.cycles), option.sends
        else:
            yield cycles, taken


sizes = st.lists(st.sampled_from([2, 3, 4, 6]), min_size=2, max_size=3)
costs = st.builds(ToyCost, st.floats(0.5, 5), st.floats(0.5, 9), st.floats(0, 5), st.floats(0, 4))


@settings(max_examples=40, deadline=None)
@given(sizes, costs, st.floats(5, 120), st.integers(0, 12), st.integers(0, 12))
def test_nothing_is_faster_or_cheaper_than_what_it_finds(shape, cost, lut, bram, dsp):
    problem = Problem(network(shape), cost)
    budget = Resources(lut=lut, ff=1000, bram18=bram, dsp=dsp)
    goal = Goal(budget=budget)
    fitting = [(cycles, taken) for cycles, taken in every_folding(problem) if taken.fits(budget)]
    found = problem.fastest(goal)
    if not fitting:
        assert found is None
        return
    assert found is not None
    fastest = min(cycles for cycles, _ in fitting)
    assert found.cycles == fastest
    assert found.resources.fits(budget)
    cheapest = min(goal.price(taken) for cycles, taken in fitting if cycles <= fastest)
    assert goal.price(found.resources) == pytest.approx(cheapest)


@settings(max_examples=20, deadline=None)
@given(sizes, costs)
def test_the_least_of_each_resource_is_the_least_there_is(shape, cost):
    problem = Problem(network(shape), cost)
    interval = int(np.median(problem.intervals))
    within = [taken for cycles, taken in every_folding(problem) if cycles <= interval]
    least = problem.least(interval)
    for name in ("lut", "ff", "bram18"):
        assert getattr(least, name) == pytest.approx(min(getattr(taken, name) for taken in within))


def test_blocks_are_among_what_is_tried():
    problem = Problem(network([6, 6]), ToyCost(1.0, 1.0, 1.0, 1.0))
    assert {option.folding.dsp_pe for option in problem.options["matmul0"]} >= {0, 1, 2, 3, 6}


def test_the_smallest_plan_is_the_cheapest_of_all():
    problem = Problem(network([4, 6, 3]), ToyCost(1.0, 1.0, 1.0))
    goal = Goal(budget=Resources(lut=100, ff=100, bram18=10, dsp=1))
    cheapest = min(goal.price(taken) for _, taken in every_folding(problem))
    assert goal.price(smallest_plan(problem, goal).resources) == pytest.approx(cheapest)


@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(pipelines(), st.floats(0, 1))
def test_a_plan_is_what_the_generator_builds(whole, part):
    """Also where streams of several widths meet, or are read a few layers later."""
    costs = load_model()
    problem = Problem(whole, costs)
    interval = problem.intervals[int(part * (len(problem.intervals) - 1))]
    plan = problem.best(interval, Goal(budget=Resources(lut=1e9, ff=1e9, bram18=1e9, dsp=1e9)))
    assert plan is not None
    built = whole.folded(plan.foldings)
    assert generate(built).cycles == plan.cycles <= interval
    estimates = estimate_layers(built, costs) | estimate_forks(built, costs)
    assert total(estimate.resources for estimate in estimates.values()).vector == pytest.approx(plan.resources.vector)
