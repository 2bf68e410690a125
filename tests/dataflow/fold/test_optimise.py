# SPDX-License-Identifier: Apache-2.0
"""The optimiser against trying every folding, and against a plain programme where streams branch."""

import itertools
import math
from typing import ClassVar

import numpy as np
import pytest
from attrs import evolve, frozen
from families import WIDE, Wide
from fold.judge import every_row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipelines.draw import pipelines

from drawplate.errors import FlowError, ModelError
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.evidence import estimate_forks, estimate_layers
from drawplate_dataflow.folding.bound import Bound
from drawplate_dataflow.folding.by_hand import checked
from drawplate_dataflow.folding.clock import Clock
from drawplate_dataflow.folding.close import close
from drawplate_dataflow.folding.goal import Goal
from drawplate_dataflow.folding.optimise import Search, least, smallest_plan
from drawplate_dataflow.folding.paths import cost_of
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.folding.programme import solve
from drawplate_dataflow.folding.room import room_of
from drawplate_dataflow.folding.tables import tables
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.hardware.chains import units
from drawplate_dataflow.host import around
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import LayerFolding
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.resources import Resources, total
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_dataflow.technology import GENERIC, Technology


class Chained(Wide):
    """Whose placer gives two positions to the ends of a carry chain, and five to every layer."""

    def packed(self, lut, chains, units):
        """As said."""
        return 1.5 * (lut + 2 * chains + 5 * len(units))


CHAINED = Chained()


@frozen
class ToyCost:
    """Costs that pull in different directions: lanes cost LUTs, long folds block RAM, unequal widths a converter."""

    lut: float
    memory: float
    converter: float
    blocks: float = 0
    """LUTs that a processing element in multiplier blocks saves per element."""
    technology: ClassVar[Technology] = CHAINED

    def estimate(self, layer: MatMul, sources, beats) -> Estimate:
        beat = beats[0]
        wide = layer.pe * layer.simd
        converted = self.converter * max(beat, layer.simd) if beat != layer.simd else 0
        block = math.ceil(self.memory * wide / 8) if layer.memory.value == "block" else 0
        luts = self.lut * wide + (wide * 3 if layer.memory.value != "block" else 0)
        luts = max(0.0, luts - self.blocks * layer.dsp_pe * layer.simd) + converted  # a cost is never negative
        in_luts = (layer.pe - layer.dsp_pe) * layer.simd
        resources = Resources(lut=luts, ff=wide, ram=block, multiplier=layer.dsp_pe * layer.simd, chains=in_luts)
        return Estimate(resources=resources, cycles=layer.sf * layer.nf)


def network(sizes, bits=2, seed=0):
    shapes = [LayerShape(mh=mh, pe=1, simd=1, weight_bits=bits, output_bits=bits) for mh in sizes[1:]]
    return random_mlp(sizes[0], unsigned(bits), shapes, seed)


class ToyWrapper:
    """Words of some widths are dear to come by, and results in many words to take away."""

    def comes(self, port):
        """Three LUTs per element that is not one of four."""
        return Resources(lut=7 + 3 * (port.elements % 4), ff=port.width)

    def goes(self, port):
        """Two LUTs per word of a frame."""
        return Resources(lut=2 * port.beats, ram=1)


def every_folding(problem, wrapper=None):
    """All combinations, priced along the chain, and a wrapper that the problem does not know."""
    layers = problem.network.layers
    for combination in itertools.product(*(problem.options[layer.name] for layer in layers)):
        beat, taken, cycles = combination[0].takes, Resources(), 0
        for option in combination:
            estimate = problem.estimate(option, (beat,))
            if estimate is None:
                break
            taken, cycles, beat = taken + estimate.resources, max(cycles, estimate.cycles), option.sends
        else:
            if wrapper is not None:
                folded = problem.network.folded({option.layer.name: option.folding for option in combination})
                taken += total(around(wrapper, folded).values())
            yield cycles, taken


sizes = st.lists(st.sampled_from([2, 3, 4, 6]), min_size=2, max_size=3)
costs = st.builds(ToyCost, st.floats(0.5, 5), st.floats(0.5, 9), st.floats(0, 5), st.floats(0, 4))
budgets = st.builds(lambda lut, bram, dsp: Resources(lut=lut, ff=1000, ram=bram, multiplier=dsp),
                    st.floats(5, 120), st.integers(0, 12), st.integers(0, 12))  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(sizes, costs, budgets)
def test_nothing_is_faster_or_cheaper_than_what_it_finds(shape, cost, budget):
    problem, goal = Problem(network(shape), cost, multipliers=220), Goal(budget=budget)
    found = Search(problem, goal).fastest()  # it adds foldings that leave gaps to the problem
    fitting = [(cycles, taken) for cycles, taken in every_folding(problem) if taken.fits(budget)]
    if not fitting:
        assert found is None
        return
    assert found is not None
    fastest = min(cycles for cycles, _ in fitting)
    assert (found.cycles, found.shortest) == (fastest, fastest)
    assert found.resources.fits(budget)
    cheapest = min(goal.price(taken) for cycles, taken in fitting if cycles <= fastest)
    assert goal.price(found.resources) == pytest.approx(cheapest)
    assert found.least == pytest.approx(cheapest)


@settings(max_examples=20, deadline=None)
@given(sizes, costs, budgets)
def test_the_wrapper_is_counted_with_the_widths_that_it_joins(shape, cost, budget):
    made, wrapper, goal = network(shape), ToyWrapper(), Goal(budget=budget)
    problem, alone = Problem(made, cost, wrapper=wrapper, multipliers=220), Problem(made, cost, multipliers=220)
    found = Search(problem, goal).fastest()
    for layer in made.layers:
        alone.add(layer, [option.folding for option in problem.options[layer.name]])
    fitting = [(cycles, goal.price(taken)) for cycles, taken in every_folding(alone, wrapper) if taken.fits(budget)]
    if not fitting:
        assert found is None
        return
    assert found is not None
    assert (found.cycles, goal.price(found.resources)) == (min(fitting)[0], pytest.approx(min(fitting)[1]))
    built = made.folded(found.foldings)
    (surrounds,) = around(wrapper, built).values()
    assert found.wrapper.vector == surrounds.vector
    layers = total(estimate.resources for estimate in found.estimates.values())
    assert (layers + surrounds).vector == pytest.approx(found.resources.vector)


@settings(max_examples=20, deadline=None)
@given(sizes, costs, budgets, st.floats(10, 200))
def test_carry_chains_are_given_room_at_the_least_price(shape, cost, budget, have):
    """Fewer chains may be worth more LUTs, or multipliers."""
    made = network(shape)
    room = room_of(made, CHAINED, have)
    problem, goal = Problem(made, cost, multipliers=220), Goal(budget=budget, room=room)
    found = Search(problem, goal).fastest()
    fitting = [
        (cycles, goal.price(taken))
        for cycles, taken in every_folding(problem)
        if taken.fits(budget) and CHAINED.packed(taken.lut, taken.chains, units(made)) <= have + 1e-9
    ]
    if not fitting:
        assert found is None
        return
    assert found is not None
    assert (found.cycles, goal.price(found.resources)) == (min(fitting)[0], pytest.approx(min(fitting)[1]))


@settings(max_examples=20, deadline=None)
@given(sizes, costs, budgets)
def test_without_time_what_is_found_fits_and_what_is_said_of_it_holds(shape, cost, budget):
    problem, goal = Problem(network(shape), cost, multipliers=220), Goal(budget=budget)
    try:
        found = Search(problem, goal, Clock(0)).fastest()
    except FlowError as error:
        assert "no folding was found in 0 s" in error.message
        return
    best = Search(problem, goal).fastest()
    assert (found is None) == (best is None)
    if found is not None:
        assert found.resources.fits(budget)
        assert found.shortest <= best.cycles <= found.cycles
        if found.cycles == best.cycles:
            assert found.least <= goal.price(best.resources) + 1e-6 <= goal.price(found.resources) + 2e-6


@settings(max_examples=15, deadline=None)
@given(sizes, costs, budgets)
def test_the_integer_programme_and_the_walk_agree(shape, cost, budget):
    """Both close gaps; each is asked with nothing left out."""
    problem, goal = Problem(network(shape), cost, multipliers=220), Goal(budget=budget)
    interval = max(option.own.cycles for options in problem.options.values() for option in options)
    limits = np.array(budget.vector)
    turns = tables(problem, interval, limits)
    if turns is None:
        return
    bound = Bound(turns, limits, np.array(goal.rates))
    close(bound, Clock())
    chain, proven = solve(turns, limits, bound.rates, Clock())
    assert proven
    assert (chain is None) == (bound.best is None)
    if chain is not None:
        assert bound.best.price == pytest.approx(float(bound.rates @ cost_of(turns, chain)))


@settings(max_examples=20, deadline=None)
@given(sizes, costs)
def test_the_least_of_each_resource_is_the_least_there_is(shape, cost):
    problem = Problem(network(shape), cost, multipliers=220)
    interval = int(np.median(Search(problem, Goal(budget=Resources())).intervals))
    within = [taken for cycles, taken in every_folding(problem) if cycles <= interval]
    found = least(problem, interval)
    for at in range(4):
        assert found[at] == pytest.approx(min(taken.vector[at] for taken in within))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 99), st.data())
def test_layers_that_are_alike_take_the_same(bits, output_bits, seed, data):
    """Weights and thresholds of their own, but equal shapes and widths."""
    one, other = (network([24, 18], bits, seed + more).layers[0] for more in (0, 1000))
    stream = network([24, 18], bits).input
    folding = data.draw(st.sampled_from(list(one.foldings([stream], WIDE, 40))))
    first, second = one.folded(folding), other.folded(folding)
    key = first.alike([stream])
    if key is None or key != second.alike([stream]):
        return
    prices = [CostModel(WIDE).estimate(layer, [stream], [layer.takes]) for layer in (first, second)]
    assert prices[0] == prices[1]


@pytest.mark.parametrize(("first", "second", "fits"), [(4, 5, False), (4, 4, True), (5, 2, True), (5, 4, True)])
def test_words_with_gaps_go_to_no_reader_of_another_width(first, second, fits):
    """Ten inputs in words of four leave gaps, which the other reader of the network's input would take for values."""
    made = network([10, 6])
    one = evolve(made.layers[0], simd=first)
    two = evolve(one, name="second", simd=second)
    both = evolve(made, layers=(one, two))
    foldings = {"matmul0": LayerFolding(pe=1, simd=first), "second": LayerFolding(pe=1, simd=second)}
    if fits:
        both.check_words()
        assert checked(both, foldings) == foldings
        return
    with pytest.raises(ModelError, match="layer second: takes 5 elements of the network's input at once, and matmul0"):
        both.check_words()
    with pytest.raises(FlowError, match="fold, layer second: takes 5"):
        checked(both, foldings)
    problem = Problem(both, CostModel(GENERIC))
    problem.add(made.layers[0], [LayerFolding(pe=1, simd=4)])
    assert problem.converter("second", 0, 4, 5) is None
    assert problem.converter("second", 0, 5, 2) is not None


def test_blocks_are_among_what_is_tried():
    problem = Problem(network([6, 6]), ToyCost(1.0, 1.0, 1.0, 1.0), multipliers=220)
    assert {option.folding.dsp_pe for option in problem.options["matmul0"]} >= {0, 1, 2, 3, 6}


def test_the_smallest_plan_is_the_cheapest_of_all():
    problem = Problem(network([4, 6, 3]), ToyCost(1.0, 1.0, 1.0))
    goal = Goal(budget=Resources(lut=100, ff=100, ram=10, multiplier=1))
    cheapest = min(goal.price(taken) for _, taken in every_folding(problem))
    assert goal.price(smallest_plan(problem, goal).resources) == pytest.approx(cheapest)


@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(pipelines(), st.floats(0, 1), st.floats(0.2, 1.1))
def test_a_plan_is_what_the_generator_builds_and_no_other_is_better(whole, part, tight):
    """Also where streams of several widths meet, or are read a few layers later."""
    costs = CostModel(GENERIC)
    problem = Problem(whole, costs, multipliers=220)
    roomy = Goal(budget=Resources(lut=1e9, ff=1e9, ram=1e9, multiplier=1e9))
    intervals = Search(problem, roomy).intervals
    interval = intervals[int(part * (len(intervals) - 1))]
    slack = Search(problem, roomy).best(interval)
    assert slack is not None
    budget = slack.resources.scaled(1 + (tight - 1) * 0.2)
    goal = Goal(budget=budget)
    plan = Search(problem, goal).best(interval)
    rows = every_row(problem, interval, budget)
    assert (plan is None) == (not rows)
    for found in (slack, plan):
        if found is None:
            continue
        built = whole.folded(found.foldings)
        assert generate(built, GENERIC).cycles == found.cycles <= interval
        estimates = estimate_layers(built, costs) | estimate_forks(built, costs)
        taken = total(estimate.resources for estimate in estimates.values())
        assert taken.vector == pytest.approx(found.resources.vector, abs=0.1)
    if plan is not None:
        assert plan.resources.fits(budget)
        assert goal.price(plan.resources) == pytest.approx(min(goal.price(row.taken) for row in rows))
