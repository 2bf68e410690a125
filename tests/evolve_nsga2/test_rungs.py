# SPDX-License-Identifier: GPL-3.0-or-later
"""Cheaper searches: halving, inherited weights, proxies; and tuning."""

import numpy as np
import pytest
from onnx import numpy_helper

from drawplate.errors import DrawplateError
from drawplate.flow.plan import make_plan
from drawplate.flow.run import run_flow
from drawplate.prune import inherited
from drawplate.testing import make_runner
from drawplate.zoo import build_model
from drawplate_evolve_nsga2.candidate.trial import stage_epochs
from drawplate_evolve_nsga2.search.rank import ranks, spearman

TRAINED = ('[[step.candidate]]\nuse = "meter"', '[[step.candidate]]\nuse = "coach"\n[[step.candidate]]\nuse = "meter"')


@pytest.fixture
def runner(tmp_path, meter, coach):
    return make_runner(tmp_path, plugin_files=[meter, coach])


def head_bias(artifact):
    return next(numpy_helper.to_array(t) for t in artifact.proto().graph.initializer if t.name == "head.bias")


def test_only_the_better_half_is_trained_to_the_end(evolve, tmp_path):
    outcome = evolve(
        TRAINED, ("generations = 4", 'generations = 1\nrungs = [0.5]\nkeep = 0.5\nschedule = "generations"')
    )
    rows = outcome.tables["candidates"]
    ended = [row for row in rows if row["rung"] == 1]
    assert 4 <= len(ended) <= 5
    assert any(row["baseline"] for row in ended)
    assert all(row["rung"] == 1 for row in rows if row["front"])
    assert all(np.all(head_bias(member.artifact) == 4) for member in outcome.front)
    spent = [int(line) for line in (tmp_path / "store" / "epochs.txt").read_text().split()]
    assert spent == [2] * (len(rows) + len(ended))


def test_rungs_need_one_step_that_trains(plan):
    with pytest.raises(DrawplateError, match="0 steps of a candidate have epochs"):
        plan(("generations = 4", 'generations = 1\nrungs = [0.5]\nkeep = 0.5\nschedule = "generations"'))
    with pytest.raises(DrawplateError, match=r"option 'rungs': is .0.5, 0.25."):
        plan(TRAINED, ("generations = 4", "generations = 1\nrungs = [0.5, 0.25]"))


@pytest.mark.parametrize(
    ("epochs", "rungs", "stages"),
    [(4, (0.5, 1.0), [2, 2]), (9, (0.25, 0.5, 1.0), [2, 2, 5]), (2, (0.1, 0.5, 1.0), [1, 1, 1]), (5, (1.0,), [5])],
)
def test_epochs_are_dealt_out_to_rungs(epochs, rungs, stages):
    assert stage_epochs(epochs, rungs) == stages


def test_children_start_from_the_nearest_candidate(evolve):
    outcome = evolve(TRAINED, ("generations = 4", 'generations = 3\ninherit = "nearest"'))
    generation = {row["artifact"]: row["generation"] for row in outcome.tables["candidates"]}
    trained = {int(head_bias(member.artifact)[0]): generation[member.artifact.digest] for member in outcome.front}
    assert all(epochs == 4 or born > 0 for epochs, born in trained.items())
    assert max(trained) > 4


def test_an_inheriting_search_that_is_repeated_gives_the_same(tmp_path, meter, write_flow, runner):
    flow = write_flow(TRAINED, ("generations = 4", 'generations = 3\ninherit = "nearest"\nrepeats = 2'))
    one = run_flow(flow, runner).steps["evolve"].outcome
    other = make_runner(tmp_path / "other", plugin_files=[meter, tmp_path / "coach.py"])
    two = run_flow(flow, other).steps["evolve"].outcome
    assert [m.artifact.digest for m in one.front] == [m.artifact.digest for m in two.front]


def test_inherited_weights_are_the_leading_block():
    small, large = (build_model("mlp", {"hidden": [size]}, shape=(1, 4, 4), classes=3, seed=size) for size in (4, 6))
    arrays = [
        {t.name: numpy_helper.to_array(t) for t in m.graph.initializer} for m in (small, large, inherited(large, small))
    ]
    before, own, made = arrays
    np.testing.assert_array_equal(made["fc1.weight"][:, :4], before["fc1.weight"])
    np.testing.assert_array_equal(made["fc1.weight"][:, 4:], own["fc1.weight"][:, 4:])
    np.testing.assert_array_equal(made["head.weight"][:4], before["head.weight"])


def test_rank_correlation():
    assert ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2]
    assert spearman([1, 2, 3, 4], [10, 20, 30, 99]) == 1
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1
    assert spearman([1, 1, 1], [1, 2, 3]) is None


TUNED = """
[model]
zoo = "flexstudent"
shape = [1, 8, 8]
classes = 10
[[step]]
use = "tune"
METHOD
[[step.candidate]]
use = "meter"
[step.genes]
meter.kind = ["a", "b", "c"]
meter.gain = [1.0, 2.0, 4.0]
[step.objectives]
meter.loss = "min"
"""


def test_a_grid_tries_everything_once(evolve):
    outcome = evolve(("METHOD", ""), text=TUNED, step="tune")
    rows = outcome.tables["candidates"]
    assert len({row["key"] for row in rows}) == len(rows) == 9
    (best,) = outcome.front
    assert best.genome == {"meter.kind": "a", "meter.gain": 4.0}
    assert rows[0]["baseline"] or sum(row["baseline"] for row in rows) == 1


def test_tuning_by_nsga2(evolve):
    outcome = evolve(("METHOD", 'method = "nsga2"\npopulation = 4\ngenerations = 3'), text=TUNED, step="tune")
    assert len(outcome.tables["candidates"]) == 9
    assert outcome.front[0].genome["meter.kind"] == "a"


def test_tuning_by_halving(evolve):
    step = TUNED.replace('[[step.candidate]]\nuse = "meter"', TRAINED[1])
    outcome = evolve(("METHOD", 'method = "halving"\nsamples = 6\nrungs = [0.25, 0.5]'), text=step, step="tune")
    rungs = sorted(row["rung"] for row in outcome.tables["candidates"])
    assert len(rungs) == 6
    assert 1 <= rungs.count(2) <= 3


def test_halving_without_rungs_is_refused(runner, write_flow):
    flow = write_flow(("METHOD", 'method = "halving"'), text=TUNED)
    with pytest.raises(DrawplateError, match=r"step 1 \(tune\), option 'method': halves nothing without rungs"):
        make_plan(flow, runner)
