# SPDX-License-Identifier: GPL-3.0-or-later
"""A second search takes over what a first one chose."""

import json

import pytest

from drawplate.errors import DrawplateError
from drawplate.flow.run import run_flow

PHASES = """
[model]
zoo = "flexstudent"
shape = [1, 8, 8]
classes = 10
channels = [8]
neurons = 16
conv_layers = 2
[[step]]
use = "tune"
name = "phase1"
on = "model"
[[step.candidate]]
use = "meter"
[step.genes]
meter.gain = [1.0, 4.0, 2.0]
[step.objectives]
meter.loss = "min"
[[step]]
use = "evolve"
on = "model"
options_from = "phase1"
space = "flexstudent"
population = 4
generations = 1
[[step.candidate]]
use = "meter"
kind = "a"
[step.objectives]
meter.loss = "min"
[[step]]
use = "meter"
options_from = "phase1"
"""


def test_candidates_and_later_steps_have_what_was_chosen(runner, write_flow):
    result = run_flow(write_flow(text=PHASES), runner)
    records = [json.loads(path.read_text()) for path in sorted((result.folder / "steps").iterdir())]
    _, second, last = (record["options"] for record in records)
    assert second["candidate"] == [{"use": "meter", "kind": "a", "gain": 4.0}]
    assert last["gain"] == 4.0
    (baseline,) = (row for row in result.steps["evolve"].outcome.tables["candidates"] if row["baseline"])
    rows = result.steps["phase1"].outcome.tables["candidates"]
    (best,) = (row for row in rows if row["chosen"])
    assert best["genome"] == {"meter.gain": 4.0}
    assert baseline["metrics"]["meter.loss"] == best["metrics"]["meter.loss"]


def test_the_plan_says_what_stands_in(plan):
    assert (
        "phase1 has yet to choose; shown with what it starts from: meter.gain = 1.0" in plan(text=PHASES).steps[1].notes
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "a"', "gain = 2.0", "meter.gain is set in the flow too"),
        ('options_from = "phase1"\nspace', 'options_from = "phase"\nspace', "did you mean: phase1"),
        ('options_from = "phase1"\nspace', 'options_from = "model"\nspace', "model chooses no option of evolve"),
        ('use = "meter"\noptions_from = "phase1"', 'use = "ort"\noptions_from = "phase1"', "allowed: meter.gain"),
    ],
)
def test_mistakes_are_named_in_the_plan(plan, old, new, said):
    with pytest.raises(DrawplateError) as caught:
        plan((old, new), text=PHASES)
    assert said.lower() in str(caught.value).lower()
