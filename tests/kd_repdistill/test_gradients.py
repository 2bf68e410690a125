# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Gradients of every loss, to the student and to its auxiliary layers, against finite differences."""

from __future__ import annotations

import attrs
import pytest
import torch

from drawplate_kd_repdistill.methods import NAMES, own_methods

PRETRAINED = ("fsp", "abound", "factor")


def check(scene, name: str, *, stage: str) -> None:
    options = {"crd": {"negatives": 4, "width": 3}, "correlation": {"width": 3}}.get(name, {})
    loss = scene.build(name, **options)
    call = getattr(loss, stage)
    if stage == "forward":
        loss.end_pretraining()
        call(scene.student, scene.teacher, scene.batch)  # crd estimates its partition on the first batch
    student = scene.student
    taps = [student.logits, student.embedding, *student.preactivations]
    inputs = [tap.clone().requires_grad_() for tap in taps]
    parameters = [parameter for parameter in loss.parameters() if parameter.requires_grad]

    def evaluate(*values: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)  # crd draws its negatives
        logits, embedding, *before = values[: len(inputs)]
        activations = attrs.evolve(
            student,
            logits=logits,
            embedding=embedding,
            preactivations=tuple(before),
            stages=tuple(torch.nn.functional.softplus(maps) for maps in before),  # smooth, unlike ReLU
        )
        return call(activations, scene.teacher, scene.batch).sum() + 0 * sum(value.sum() for value in values)

    assert torch.autograd.gradcheck(evaluate, (*inputs, *parameters), eps=1e-6, atol=1e-5, fast_mode=True)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_of_the_main_stage(name, scene, equal_scene):
    check(equal_scene if own_methods()[name].equal_channels else scene, name, stage="forward")


@pytest.mark.parametrize("name", PRETRAINED)
def test_gradient_of_the_pretraining_stage(name, scene, equal_scene):
    check(equal_scene if own_methods()[name].equal_channels else scene, name, stage="pretrain")


def test_gradient_of_singular_vectors_is_finite_for_dead_channels(equal_scene):
    """The usual gradient of a decomposition is NaN where singular values coincide."""
    loss = equal_scene.build("kdsvd")
    dead = tuple(maps.clone() for maps in equal_scene.student.stages)
    for maps in dead:
        maps[:, 1:] = 0
        maps.requires_grad_()
    loss(attrs.evolve(equal_scene.student, stages=dead), equal_scene.teacher, equal_scene.batch).backward()
    assert all(torch.isfinite(maps.grad).all() for maps in dead)
    assert any(maps.grad.abs().sum() > 0 for maps in dead)
