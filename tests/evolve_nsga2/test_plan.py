# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of a search, before anything runs: one message with file, step and key."""

import re

import pytest

from drawplate.errors import DrawplateError
from drawplate.flow.plan import make_plan
from drawplate.testing import make_runner

USE = 'use = "meter"'
TWICE = f"{USE}\n[[step.candidate]]\n{USE}"

# what is changed in the flow, what is added to it, the message, a word that helps
WRONG = {
    "space": (
        ('"flexstudent"\npop', '"flexstudnt"\npop'),
        "",
        "no search space 'flexstudnt'",
        "mean: flexstudent",
    ),
    "other model": (('space = "flexstudent"', 'space = "resnet8x4"'), "", "space 'resnet8x4': is no CIFAR ResNet", ""),
    "step": ((USE, 'use = "metre"'), "", "candidate step 1: there is no step 'metre'", "did you mean: meter"),
    "no use": ((USE, 'name = "meter"'), "", "candidate step 1: has no 'use'", ""),
    "option": ((USE, f"{USE}\ngian = 2"), "", r"candidate step 1 \(meter\).*unknown option 'gian'", "gain"),
    "value": ((USE, f"{USE}\ngain = -1"), "", r"candidate step 1 \(meter\), option 'gain'", "more than 0"),
    "verb": ((USE, f'{USE}\nonly = ["train"]'), "", "cannot 'train'", "measure"),
    "two of a name": ((USE, TWICE), "", "'meter' is taken", ""),
    "metric": (
        ("meter.loss", "meter.los"),
        "",
        "objectives, key 'meter.los': no step .* gives",
        "mean: meter.loss",
    ),
    "metric of no step": (("meter.loss", "mater.loss"), "", "key 'mater.loss'", "mean: meter.loss"),
    "direction": (('params = "min"', 'params = "small"'), "", "objectives, key 'params': is 'small'", "min, max"),
    "no objectives": (('meter.loss = "min"\nparams = "min"', ""), "", "has no objectives", ""),
    "gene": (("", ""), "[step.genes]\nchanels = [1, 2]", "there is no gene 'chanels'", "did you mean: channels"),
    "gene of an option": (("", ""), "[step.genes]\nmeter.gian = [1.0]", "unknown option 'gian'", "gain"),
    "value of a gene": (("", ""), '[step.genes]\nmeter.kind = ["a", "d"]', "option 'kind'.*is 'd'", "a, b, c"),
    "range": (("", ""), "[step.genes]\nchannels = {lo = 4, hi = 2}", "genes, key 'channels'", "lo <= hi"),
    "limit": (("", ""), '[step.constraints]\nparams = "< 3"', "constraints, key 'params': is '< 3'", "<= NUMBER"),
    "limited metric": (
        ("", ""),
        '[step.constraints]\nmeter.sise = "<= 3"',
        "key 'meter.sise'",
        "meter.size",
    ),
    "choose": (("generations = 4", 'generations = 4\nchoose = "best"'), "", "option 'choose'", "knee"),
    "chosen metric": (
        ("generations = 4", 'generations = 4\nchoose = "min speed"'),
        "",
        "choose', key 'speed'",
        "",
    ),
    "result": (("generations = 4", 'generations = 4\nresult = "fit"'), "", "option 'result': is 'fit'", "meter"),
    "gene of a start": (("", ""), "[[step.start]]\nchanels = 3", "start', table 1: there is no gene", "mean: channels"),
    "value of a start": (
        ("", ""),
        "[[step.start]]\nchannels = 3\n[[step.start]]\nneurons = 0",
        "start', table 2, key 'neurons': is 0",
        "the values of neurons",
    ),
    "too many starts": (
        ("population = 8", "population = 2"),
        "[[step.start]]\nchannels = 3\n[[step.start]]\nchannels = 4",
        "2 genomes and the baseline are more than a generation of 2",
        "population = 3",
    ),
    "population": (("population = 8", "population = 1"), "", "option 'population': is 1", "at least 2"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_named(plan, name):
    change, more, message, hint = WRONG[name]
    with pytest.raises(DrawplateError) as raised:
        plan(change, more=more)
    text = raised.value.message
    assert text.startswith("f.toml, step 1 (evolve)")
    assert re.search(message, text, re.DOTALL), text
    assert hint in text


def test_a_candidate_that_is_distilled_needs_teachers(plan):
    with pytest.raises(DrawplateError, match=r"step 1 \(evolve\): has no teachers, which distill needs"):
        plan((USE, f'use = "distill"\n[[step.candidate]]\n{USE}'))


def test_figures_of_the_test_images_must_not_choose(plan):
    with pytest.raises(DrawplateError, match="found on the test images, which must not choose"):
        plan((USE, 'use = "ort"\nname = "meter"'), ("meter.loss", "meter.error"))


@pytest.fixture
def judged(tmp_path, meter, write_flow):
    """Plan a flow that has data."""
    runner = make_runner(tmp_path, plugin_files=[meter], data={"name": "digits"})
    return lambda *changes: make_plan(write_flow(*changes), runner)


def test_the_metrics_of_the_task_know_which_values_are_better(judged):
    with pytest.raises(DrawplateError, match="key 'top1': is 'min', but higher values of it are better") as raised:
        judged(('params = "min"', 'top1 = "min"'))
    assert "allowed: max" in raised.value.message


def test_objectives_may_be_a_list_of_names(judged):
    table = ('[step.objectives]\nmeter.loss = "min"\nparams = "min"', "")
    judged(table, ("generations = 4", 'generations = 4\nobjectives = ["error", "params"]'))
    with pytest.raises(DrawplateError, match=r"key 'meter\.loss': nobody says which values are better"):
        judged(table, ("generations = 4", 'generations = 4\nobjectives = ["meter.loss", "params"]'))


def test_a_metric_of_another_task_is_not_known(judged):
    with pytest.raises(DrawplateError, match="key 'mse': no step of a candidate gives this metric"):
        judged(('params = "min"', 'mse = "min"'))


def test_a_candidate_whose_steps_do_not_fit_together_is_refused(plan):
    with pytest.raises(DrawplateError, match=r"candidate step 1 \(fold\): takes a dataflow model, but gets a float"):
        plan((USE, 'use = "fold"\n[[step.candidate]]\nuse = "meter"'))


def test_a_plan_tells_how_many_genomes_are_given(plan):
    (step,) = plan(more="[[step.start]]\nchannels = 3\n[[step.start]]\nchannels = 8").steps
    assert "4 generations of 8 candidates, of which 1 are given" in "\n".join(step.notes)  # the other is the baseline


def test_a_plan_tells_the_space_and_its_start(plan):
    (step,) = plan(more='[step.constraints]\nmeter.size = "<= 30"\nmeter.loss = "<= 50"').steps
    notes = "\n".join(step.notes)
    assert "4 generations of 8 candidates" in notes
    assert "channels: 1..16" in notes
    assert "baseline: conv_layers = 2, fc_layers = 2, channels = 8, neurons = 16" in notes
    assert "meter.size <= 30: checked before training; the baseline has 50, broken" in notes
    assert "meter.loss <= 50: known only after a candidate has run" in notes
