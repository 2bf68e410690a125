# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Learning rates, held against torch's own schedulers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from drawplate.torch.loop import TrainOptions
from drawplate.torch.loop.schedule import rate


def rates(options, steps, epochs):
    return [rate(options, step, steps, epochs) for step in range(steps)]


def torch_rates(make, steps, lr):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_cosine_is_torchs():
    made = torch_rates(lambda sgd: torch.optim.lr_scheduler.CosineAnnealingLR(sgd, T_max=90), 90, 0.2)
    assert rates(TrainOptions(schedule="cosine", lr=0.2), 90, 9) == pytest.approx(made, rel=1e-9)


@settings(max_examples=200)
@given(epochs=st.integers(1, 300), per_epoch=st.integers(1, 400), data=st.data())
def test_step_divides_by_ten_at_its_milestones_and_not_a_step_later(epochs, per_epoch, data):
    milestones = tuple(sorted(data.draw(st.sets(st.integers(1, epochs), max_size=3))))
    chosen, steps = TrainOptions(schedule="step", milestones=milestones, lr=1.0), epochs * per_epoch
    for number, milestone in enumerate(milestones):
        assert rate(chosen, milestone * per_epoch - 1, steps, epochs) == pytest.approx(0.1**number)
        if milestone < epochs:
            assert rate(chosen, milestone * per_epoch, steps, epochs) == pytest.approx(0.1 ** (number + 1))


def test_step_has_repdistillers_milestones_where_none_are_given():
    # RepDistiller's train_student.py: 240 epochs, divided at 150, 180 and 210.
    found = rates(TrainOptions(schedule="step", lr=0.05), 240, 240)
    made = torch_rates(lambda sgd: torch.optim.lr_scheduler.MultiStepLR(sgd, [150, 180, 210], gamma=0.1), 240, 0.05)
    assert found == pytest.approx(made)


def test_onecycle_is_torchs():
    steps = 2000
    made = torch_rates(
        lambda sgd: torch.optim.lr_scheduler.OneCycleLR(sgd, max_lr=0.1, total_steps=steps, cycle_momentum=False),
        steps,
        0.1,
    )
    found = rates(TrainOptions(schedule="onecycle", lr=0.1), steps, 20)
    # torch reaches the peak and the end one step earlier: by at most a step's change they differ.
    assert np.abs(np.subtract(found, made)).max() < 0.1 * np.pi / (0.3 * steps)
    assert found[0] == pytest.approx(0.1 / 25)
    assert max(found) == found[int(0.3 * steps)] == pytest.approx(0.1)


@pytest.mark.parametrize("schedule", ["cosine", "constant", "step"])
def test_warmup_rises_evenly_to_the_highest_rate(schedule):
    found = rates(TrainOptions(schedule=schedule, warmup=2, lr=1.0), 100, 10)
    assert np.diff(found[:21]) == pytest.approx([1 / 21] * 20)
    assert found[20] == max(found) == 1.0


def test_what_a_training_never_comes_to_is_said():
    options = TrainOptions(epochs=3, schedule="step", milestones=(1, 3, 9), snapshots=(3, 4), warmup=3)
    assert options.notes == (
        "milestones 3, 9: never reached in 3 epochs",
        "snapshots 4: never reached in 3 epochs",
        "warmup 3: never reached in 3 epochs",
    )
    assert not TrainOptions(epochs=10, milestones=(20,), snapshots=(10,), warmup=9).notes  # 'cosine' has no milestones
