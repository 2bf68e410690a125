# SPDX-License-Identifier: GPL-3.0-or-later
"""The search machinery, without anything to search for."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate.store.sealed import read_record, write_record
from drawplate_evolve_nsga2.nsga import Axis, Evolution, Individual, front, hypervolume, ranked
from drawplate_evolve_nsga2.nsga.variation import Variation

AXES = st.lists(st.builds(Axis, st.integers(1, 9), st.booleans()), min_size=1, max_size=6)
VECTORS = st.lists(st.tuples(*[st.integers(0, 6).map(float)] * 3), max_size=12)


def worth(point):
    return Individual(point, (float(point[0]), float(9 - point[0] + sum(point[1:]))))


def evolved(evolution, generations, count=8):
    for _ in range(generations):
        evolution.tell([worth(point) for point in evolution.ask(count)])
    return [member.individual for member in evolution.members]


@given(AXES, st.integers(0, 99))
def test_children_are_legal_points(axes, seed):
    variation = Variation(axes=axes, random=random.Random(seed))
    one, two = variation.point(), variation.point()
    for point in (one, two, *variation.children(one, two)):
        assert all(0 <= index < axis.size for index, axis in zip(point, axes, strict=True))


@pytest.mark.parametrize("size", [2, 3, 5, 6, 7])
@pytest.mark.parametrize("ordered", [True, False])
def test_every_value_is_drawn_and_mutated_to_alike(size, ordered):
    variation = Variation(axes=[Axis(size, ordered)], random=random.Random(0))
    drawn = [variation.point()[0] for _ in range(600 * size)]
    assert all(480 < drawn.count(value) < 720 for value in range(size))
    reached = {variation.children((start,), (start,))[0][0] for start in range(size) for _ in range(400)}
    assert reached == set(range(size))


def test_mutation_changes_something():
    variation = Variation(axes=[Axis(4, ordered=True)], random=random.Random(1), crossover=0)
    assert all(variation.children((i,), (i,))[0] != (i,) for i in range(4) for _ in range(50))


def test_no_point_is_asked_for_twice_and_a_small_space_is_exhausted():
    evolution = Evolution([Axis(3, ordered=True), Axis(4, ordered=False)], population=5, seed=2)
    asked = []
    for _ in range(6):
        points = evolution.ask(5)
        asked += points
        evolution.tell([worth(point) for point in points])
    assert sorted(asked) == [(a, b) for a in range(3) for b in range(4)]
    assert evolution.ask(1) == []


def test_the_baseline_comes_first_and_points_are_repaired():
    evolution = Evolution([Axis(4, True)] * 2, 4, 0, repair=lambda point: (point[0], 0 if point[0] else point[1]))
    points = evolution.ask(7, first=[(2, 3)])
    assert points[0] == (2, 0)
    assert len(set(points)) == 7
    assert all(point[1] == 0 or point[0] == 0 for point in points)


def test_global_random_numbers_are_left_alone_and_do_not_matter():
    random.seed(5)
    before = random.getstate()
    one = evolved(Evolution([Axis(9, True)] * 3, 8, seed=3), 4)
    assert random.getstate() == before
    random.seed(6)
    assert evolved(Evolution([Axis(9, True)] * 3, 8, seed=3), 4) == one
    assert evolved(Evolution([Axis(9, True)] * 3, 8, seed=4), 4) != one


@given(st.integers(0, 999))
@settings(max_examples=25, deadline=None)
def test_state_goes_on_alike_from_its_file(tmp_path_factory, seed):
    path = tmp_path_factory.mktemp("state") / "state.json"
    one = Evolution([Axis(30, True)] * 3, 8, seed=seed)
    two = Evolution([Axis(30, True)] * 3, 8, seed=seed + 1)
    for _ in range(4):
        write_record(path, one.state())
        two.restore(read_record(path))
        assert two.members == one.members
        assert evolved(two, 1) == evolved(one, 1)


def test_steady_state_finds_the_front_too():
    evolution = Evolution([Axis(10, True), Axis(5, True)], 12, seed=0)
    evolution.tell([worth(point) for point in evolution.ask(12)])
    for _ in range(30):
        evolution.tell([worth(point) for point in evolution.ask(1)])
    assert {one.point[1] for one in front([member.individual for member in evolution.members])} == {0}


def test_the_crowded_comparison_decides():
    ends = [Individual((0,), (0.0, 4.0)), Individual((4,), (4.0, 0.0))]
    inside = [Individual((1,), (1.0, 3.0)), Individual((2,), (1.1, 2.9)), Individual((3,), (3.0, 1.0))]
    worse = Individual((5,), (4.0, 4.0))
    order = sorted(ranked([worse, *inside, *ends]), key=lambda one: one.key)
    assert {one.individual.point for one in order[:2]} == {(0,), (4,)}
    assert order[-1].individual is worse
    assert order[2].individual.point != (1,)


def test_violations_come_after_all_that_are_feasible():
    bad = Individual((0,), (0.0, 0.0), violation=0.1)
    worse = Individual((1,), (0.0, 0.0), violation=9.0)
    good = Individual((2,), (5.0, 5.0))
    assert [one.rank for one in ranked([worse, bad, good])] == [2, 1, 0]
    assert front([worse, bad, good, Individual((3,), (5.0, 5.0))]) == [good]


@given(VECTORS)
@settings(max_examples=60)
def test_hypervolume_counts_unit_cubes(vectors):
    """On whole numbers the volume is the number of unit cubes that some vector dominates."""
    cubes = {
        (x, y, z)
        for x in range(5)
        for y in range(5)
        for z in range(5)
        if any(a <= x and b <= y and c <= z for a, b, c in vectors)
    }
    assert hypervolume(vectors, (5.0, 5.0, 5.0)) == len(cubes)


def test_hypervolume_of_what_a_list_holds_twice():
    assert hypervolume([(1.0, 2.0), (1.0, 2.0), (2.0, 1.0)], (3.0, 3.0)) == 3.0
    assert hypervolume([(1.0, 3.0)], (3.0, 3.0)) == 0.0
    assert hypervolume([], (1.0, 1.0)) == 0.0
