# SPDX-License-Identifier: GPL-3.0-or-later
"""The search that never waits for a generation, and trains nothing twice."""

import itertools
import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate.flow.run import run_flow
from drawplate.search import Choice, Integer
from drawplate.testing import make_runner
from drawplate_evolve_nsga2.nsga import Axis, Evolution
from drawplate_evolve_nsga2.search.asynchronous import Asynchronous
from drawplate_evolve_nsga2.search.features import Known, parts
from drawplate_evolve_nsga2.search.preselection import Preselection
from drawplate_evolve_nsga2.search.promotion import quota

TRAINED = ('[[step.candidate]]\nuse = "meter"', '[[step.candidate]]\nuse = "coach"\n[[step.candidate]]\nuse = "meter"')
EPOCHS = ('use = "coach"', 'use = "coach"\nepochs = 9')
FEW = ("generations = 4", "generations = 2")


@pytest.fixture
def files(meter, coach):
    return [meter, coach]


@pytest.fixture
def runner(tmp_path, files):
    return make_runner(tmp_path, plugin_files=files)


def plain(outcome):
    tables = [{**row, "seconds": 0} for table in outcome.tables.values() for row in table]
    front = [(member.artifact.digest, dict(member.genome)) for member in outcome.front]
    return outcome.artifact.digest, front, sorted(json.dumps(row, sort_keys=True) for row in tables)


def test_nothing_is_trained_twice_and_the_front_is_trained_to_the_end(evolve, tmp_path):
    outcome = evolve(TRAINED, EPOCHS, FEW)
    rows = outcome.tables["candidates"]
    assert len({row["key"] for row in rows}) == len(rows) == 16
    assert {row["rung"] for row in rows} == {0, 1}
    assert all(row["rung"] == 1 for row in rows if row["front"] or row["baseline"])
    spent = [int(line) for line in (tmp_path / "store" / "epochs.txt").read_text().split()]
    for number, epochs in enumerate((3, 6)):
        assert spent.count(epochs) == sum(row["rung"] >= number for row in rows)
    volumes = [row["hypervolume"] for row in outcome.tables["generations"]]
    assert len(volumes) == 2
    assert volumes == sorted(volumes)


@pytest.mark.slow
def test_any_number_of_workers_finds_the_same(tmp_path, files, write_flow):
    flow = write_flow(TRAINED, EPOCHS, FEW)
    found = [
        plain(run_flow(flow, make_runner(tmp_path / str(n), plugin_files=files, workers=n)).steps["evolve"].outcome)
        for n in (1, 3)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("turns", [17, *(pytest.param(turns, marks=pytest.mark.slow) for turns in (3, 9, 25))])
def test_it_goes_on_where_it_was_stopped(tmp_path, files, write_flow, monkeypatch, turns):
    flow = write_flow(TRAINED, EPOCHS, FEW)
    whole = run_flow(flow, make_runner(tmp_path / "whole", plugin_files=files)).steps["evolve"].outcome
    learn = Asynchronous._learn

    def stop(search, candidate):
        learn(search, candidate)
        if search.told == turns:
            raise KeyboardInterrupt

    monkeypatch.setattr(Asynchronous, "_learn", stop)
    runner = make_runner(tmp_path / "stopped", plugin_files=files)
    with pytest.raises(KeyboardInterrupt):
        run_flow(flow, runner)
    monkeypatch.setattr(Asynchronous, "_learn", learn)
    resumed = run_flow(flow, runner).steps["evolve"].outcome
    assert plain(resumed) == plain(whole)
    calls = (tmp_path / "stopped" / "store" / "calls.txt").read_text().split()
    assert len(set(calls)) == len(calls), "nothing is measured twice"


def test_the_surrogate_reports_its_own_error(evolve):
    rows = evolve(TRAINED, EPOCHS, FEW).tables["surrogate"]
    assert {row["rung"] for row in rows} <= {0, 1}
    for row in rows:
        assert row["objective"] == "meter.loss"
        assert row["forecasts"] >= 1
        assert row["mean_error"] >= 0
    first = next(row for row in rows if row["rung"] == 0)
    assert first["used"] == (first["mean_error"] < first["mean_error_without"])


def test_a_search_without_rungs_or_surrogate(evolve):
    outcome = evolve(("generations = 4", "generations = 4\nsurrogate = false"))
    assert len(outcome.tables["candidates"]) == 32
    assert "surrogate" not in outcome.tables
    assert sum(row["baseline"] for row in outcome.tables["candidates"]) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "those that, as forecast, may be on the front are trained on"),
        ("surrogate = false", "40% of them, the better, are trained on"),
        ('schedule = "generations"\nrungs = [0.34]', "40% of them, the better, are trained on"),
    ],
)
def test_the_plan_says_who_is_trained_on(plan, more, said):
    notes = plan(TRAINED, EPOCHS, ("generations = 4", f"generations = 2\n{more}")).steps[0].notes
    assert f"candidates pause after 3 of 9 epochs; {said}" in notes


def chooser(genes, size=lambda point: float(point[0])):
    """A chooser over points whose size is known, without forecasts."""
    known = SimpleNamespace(of=lambda point: Known((), {}, 0.0, size(point)))
    return Preselection(SimpleNamespace(coding=SimpleNamespace(axes=[None] * genes)), known, ())


def test_forecasts_learn_first_from_all_sizes():
    evolution = Evolution([Axis(1000, ordered=True)], population=16, seed=0)
    begun = chooser(genes=3).begin(evolution, [(500,), (20,)])
    assert begun[:2] == [(500,), (20,)]
    drawn = [point[0] for point in begun[2:]]
    assert len(begun) == len(set(begun)) == 6
    assert not any(map(evolution.is_new, begun))
    steps = [after - before for before, after in itertools.pairwise(drawn)]
    assert all(150 < step < 450 for step in steps), drawn


def test_what_is_given_comes_first_even_when_it_is_much():
    evolution = Evolution([Axis(1000, ordered=True)], population=16, seed=0)
    given = [(number,) for number in range(10)]
    assert chooser(genes=2).begin(evolution, given) == given


@pytest.mark.parametrize(
    ("gene", "wanted"),
    [
        (Integer(1, 64), [0.0, 1 / 6, 1.0]),
        (Integer(8, 24), [0.0, 1 / 16, 1.0]),
        (Choice((1e-4, 1e-3, 1e-1), ordered=True), [0.0, 1 / 3, 1.0]),
        (Choice((0, 5, 10), ordered=True), [0.0, 0.5, 1.0]),
    ],
)
def test_numbers_of_a_wide_range_go_by_their_logarithm(gene, wanted):
    found = [parts(gene, index)[0] for index in (0, 1, gene.size - 1)]
    assert found == pytest.approx(wanted)


def test_other_genes_have_a_number_per_value():
    assert parts(Choice(("a", "b", "c")), 1) == (0.0, 1.0, 0.0)
    assert parts(Integer(3, 3), 0) == ()


@given(st.integers(0, 400), st.floats(0.05, 0.95))
def test_quota(tried, keep):
    down, up = (quota(tried, keep, whole=whole) for whole in (False, True))
    assert 0 <= down <= keep * tried + 1e-9
    assert down <= up <= down + 1
    assert up <= tried
