# SPDX-License-Identifier: Apache-2.0
"""Options that follow the step that the model goes on to."""

import pytest
from attrs import frozen

from drawplate.card import Card, Verb
from drawplate.errors import FlowError
from drawplate.flow.follow import refollowed, with_followed
from drawplate.flow.read import flow_of
from drawplate.options import option


@frozen(kw_only=True)
class Folds:
    board: str | None = option("Board.", default=None, follows="board")
    target: str | None = option("Step.", default=None, follows="use")
    clock: float | None = option("Clock.", default=None, follows="clock")
    rate: int | None = option("Rate.", default=None)


@frozen(kw_only=True)
class Builds:
    board: str = option("Board.", default="small")
    clock: float = option("Clock.", default=100.0)


@frozen(kw_only=True)
class Plain:
    clock: float = option("Another clock.", default=5.0)


@frozen(kw_only=True)
class Searches:
    candidate: tuple = option("Steps.", default=())


CARDS = {
    "fold": Card(summary="", options={Verb.COMPRESS: Folds}, accepts=()),
    "build": Card(summary="", options={Verb.EXPORT: Builds, Verb.MEASURE: Builds}, accepts=()),
    "watch": Card(summary="", options={Verb.MEASURE: Plain}, accepts=()),
    "search": Card(summary="", options={Verb.COMPRESS: Searches}, accepts=()),
}


def filled(tmp_path, *steps):
    flow = flow_of({"model": {"zoo": "mlp"}, "step": list(steps)}, tmp_path / "flow.toml")
    return [dict(step.options) for step in with_followed(flow, CARDS.__getitem__).steps]


def test_what_is_left_out_follows_the_first_step_that_knows_it(tmp_path):
    fold, *_ = filled(
        tmp_path, {"use": "fold", "rate": 3}, {"use": "watch"}, {"use": "build", "board": "large"},
        {"use": "build", "name": "other"},
    )  # fmt: skip
    assert fold == {"rate": 3, "board": "large", "target": "build", "clock": 100.0}


def test_nothing_is_followed_where_nothing_follows(tmp_path):
    assert filled(tmp_path, {"use": "fold"}, {"use": "watch"})[0] == {}
    branch = filled(tmp_path, {"use": "fold"}, {"use": "build", "on": "model", "board": "large"})
    assert branch[0] == {}, "the other step takes another model"


def test_the_same_may_be_said_twice_and_another_is_refused(tmp_path):
    assert filled(tmp_path, {"use": "fold", "clock": 100}, {"use": "build"})[0]["clock"] == 100
    with pytest.raises(
        FlowError, match=r"(?s)flow.toml, step 1 \(fold\), option 'board'.*'large'.*'small'.*say it once"
    ):
        filled(tmp_path, {"use": "fold", "board": "large"}, {"use": "build"})
    with pytest.raises(FlowError, match=r"'other', but step 2 \(build\) has 'build'"):
        filled(tmp_path, {"use": "fold", "target": "other"}, {"use": "build"})


def test_candidates_follow_their_own_steps_then_those_behind_the_search(tmp_path):
    own = [{"use": "fold"}, {"use": "build", "board": "large"}]
    search, _ = filled(tmp_path, {"use": "search", "candidate": own}, {"use": "build"})
    assert search["candidate"][0] == {"use": "fold", "board": "large", "target": "build", "clock": 100.0}
    search, _ = filled(tmp_path, {"use": "search", "candidate": own[:1]}, {"use": "build", "clock": 50})
    assert search["candidate"][0] == {"use": "fold", "board": "small", "target": "build", "clock": 50}
    with pytest.raises(FlowError, match=r"key 'candidate', step 1 \(fold\)"):
        filled(tmp_path, {"use": "search", "candidate": [{"use": "fold", "board": "x"}, *own[1:]]})


def test_what_followed_an_option_that_a_search_changes_follows_it_still():
    before = [{"use": "fold", "clock": 100.0, "board": "small", "target": "build", "rate": 3}, {"use": "build"}]
    after = [before[0], {"use": "build", "clock": 50.0}]
    assert refollowed(before, after, CARDS.__getitem__)[0] == {**before[0], "clock": 50.0}
    with pytest.raises(FlowError, match="option 'clock'"):
        refollowed(before, [{**before[0], "clock": 70.0}, before[1]], CARDS.__getitem__)
