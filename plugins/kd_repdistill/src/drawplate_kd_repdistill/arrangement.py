# SPDX-License-Identifier: Apache-2.0
"""A flow's wishes, the methods and both graphs put together, before any work is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.errors import FlowError
from drawplate.task import TASKS, Kind, Loss, Task
from drawplate_kd_repdistill.method import Method, Need
from drawplate_kd_repdistill.mixture import Mixture, Wanted, read_mixture
from drawplate_kd_repdistill.options import DistillOptions
from drawplate_kd_repdistill.pairing import Overrides, Pairing, check_pairing, pair

MAPS = frozenset({Need.STAGES, Need.PREACTIVATIONS})
FEATURES = MAPS | {Need.EMBEDDING}
SHORT = {Loss.CROSS_ENTROPY: "CE", Loss.BINARY_CROSS_ENTROPY: "BCE", Loss.SQUARED_ERROR: "MSE"}


@frozen(kw_only=True)
class Arrangement:
    """Everything about a distillation but weights and data."""

    mixture: Mixture
    pairing: Pairing
    shares: tuple[float, ...]
    """What each teacher counts, summing to one."""
    task: Task
    """What the student is for."""
    views: int
    """Fixed views for which teachers are computed once; 0 where they are computed at every step."""

    def notes(self) -> tuple[str, ...]:
        """Return lines for the plan."""
        if self.views:
            teachers = f"teachers: computed once, for {self.views} view{'s' * (self.views > 1)} of every image"
        else:
            teachers = "teachers: computed at every step"
        return (str(self.mixture), *self.pairing.notes(self.mixture.needs), teachers)


def mixture_of(options: DistillOptions, methods: Mapping[str, Any], task: Task = TASKS[Kind.CLASSIFICATION]) -> Mixture:
    """Read the loss that a flow asks for; see :func:`read_mixture`.

    Raises:
        FlowError: for wishes that cannot be read, or that the task has nothing for.
    """
    wanted = Wanted(method=options.method, alpha=options.alpha, gamma=options.gamma, temperature=options.temperature)
    mixture = attrs.evolve(read_mixture(wanted, methods), own=SHORT[task.loss])
    check_task(mixture, task, methods)
    return mixture


def check_task(mixture: Mixture, task: Task, methods: Mapping[str, Any]) -> None:
    """Refuse methods that a task has nothing for.

    Raises:
        FlowError: naming the methods, and those that would do.
    """
    wrong = [part.name for part in mixture.parts if not part.method.made_for(task.kind)]
    if wrong:
        known = {name: method for name, method in methods.items() if isinstance(method, Method)}
        raise FlowError(
            f"{', '.join(wrong)} compares classes, but the data's task is {task.kind}",
            where="option 'method'",
            allowed=sorted(name for name, method in known.items() if method.made_for(task.kind)),
        )


def arrange(
    model: Artifact,
    teachers: tuple[Artifact, ...],
    options: DistillOptions,
    methods: Mapping[str, Any],
    task: Task = TASKS[Kind.CLASSIFICATION],
) -> Arrangement:
    """Choose loss, taps, pairs and views.

    Raises:
        FlowError: for wishes that cannot be fulfilled.
        ModelError: for graphs on which the methods do not work.
    """
    mixture = mixture_of(options, methods, task)
    if len(teachers) > 1 and mixture.needs & FEATURES:
        names = ", ".join(part.name for part in mixture.parts if part.method.needs & FEATURES)
        raise FlowError(
            f"{names} compares features, but there are {len(teachers)} teachers",
            where="key 'teachers'",
            allowed="one teacher, or methods of logits",
        )
    overrides = Overrides(
        stages=options.stages,
        student_embedding=options.student_embedding,
        teacher_embedding=options.teacher_embedding,
    )
    pairing = pair(model.proto(), teachers[0].proto(), overrides)
    check_pairing(pairing, mixture)
    return Arrangement(
        mixture=mixture,
        pairing=pairing,
        task=task,
        shares=_shares(options.teacher_weights, len(teachers)),
        views=_views(options, mixture),
    )


def _views(options: DistillOptions, mixture: Mixture) -> int:
    """More views than epochs are never all seen; one is all there is without augmentation; maps fill the disk."""
    if mixture.needs & MAPS:
        return 0
    return min(options.views, 1 if options.augment == "none" else options.epochs)


def _shares(weights: tuple[float, ...], teachers: int) -> tuple[float, ...]:
    if weights and len(weights) != teachers:
        raise FlowError(
            f"has {len(weights)} entries for {teachers} teachers",
            where="option 'teacher_weights'",
            allowed="one weight per teacher",
        )
    given = weights or (1.0,) * teachers
    if not sum(given):
        raise FlowError("all teachers weigh nothing", where="option 'teacher_weights'", allowed="at least one above 0")
    return tuple(weight / sum(given) for weight in given)
