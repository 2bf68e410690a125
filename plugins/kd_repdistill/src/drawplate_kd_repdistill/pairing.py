# SPDX-License-Identifier: Apache-2.0
"""Which map of the student is compared with which of the teacher."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_kd_repdistill.method import Need, Shapes
from drawplate_kd_repdistill.mixture import Mixture, Part
from drawplate_kd_repdistill.taps import Stage, Taps, find_taps, named_embedding, named_stages

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class Overrides:
    """What a flow says about taps; empty or None for the automatic choice."""

    stages: Mapping[str, str]
    """Student value to teacher value, from the input on."""
    student_embedding: str | None = None
    teacher_embedding: str | None = None


@frozen(kw_only=True)
class Pairing:
    """The taps of both networks, their stages paired one to one."""

    student: Taps
    teacher: Taps

    def shapes(self) -> tuple[Shapes, Shapes]:
        """Return the tapped shapes of student and teacher."""
        student, teacher = (
            Shapes(classes=taps.classes, embedding=taps.width, stages=tuple(stage.shape for stage in taps.stages))
            for taps in (self.student, self.teacher)
        )
        return student, teacher

    def notes(self, needs: frozenset[Need]) -> tuple[str, ...]:
        """Return lines for the plan: every pair in use, and what was left out."""
        lines = []
        if Need.EMBEDDING in needs:
            lines.append(
                f"embedding: {self.student.embedding} [{self.student.width}] <- "
                f"{self.teacher.embedding} [{self.teacher.width}]"
            )
        if needs & {Need.STAGES, Need.PREACTIVATIONS}:
            pairs = zip(self.student.stages, self.teacher.stages, strict=True)
            lines += [f"stage {i}: {one} <- {other}" for i, (one, other) in enumerate(pairs)]
            lines += [f"student: {text}" for text in self.student.skipped]
            lines += [f"teacher: {text}" for text in self.teacher.skipped]
        return tuple(lines)


def pair(student: ModelProto, teacher: ModelProto, overrides: Overrides) -> Pairing:
    """Tap both networks and pair their stages.

    Every stage of the student gets the teacher's stage of the nearest spatial size (the deeper one of two equally
    near), the last one the last; a teacher's stage without a partner is told of in ``skipped``.

    Raises:
        ModelError: when the networks have other numbers of classes, or a named value is not there.
    """
    one, other = find_taps(student), find_taps(teacher)
    if one.classes != other.classes:
        raise ModelError(
            f"the student tells {one.classes} classes apart, the teacher {other.classes}", where="teachers"
        )
    one, other = _paired(one, other) if not overrides.stages else _named(one, other, student, teacher, overrides)
    if overrides.student_embedding:
        name, width = named_embedding(student, overrides.student_embedding, "option 'student_embedding'")
        one = evolve(one, embedding=name, width=width)
    if overrides.teacher_embedding:
        name, width = named_embedding(teacher, overrides.teacher_embedding, "option 'teacher_embedding'")
        other = evolve(other, embedding=name, width=width)
    return Pairing(student=one, teacher=other)


def _named(one: Taps, other: Taps, student: ModelProto, teacher: ModelProto, overrides: Overrides) -> tuple[Taps, Taps]:
    mine = named_stages(student, list(overrides.stages), "option 'stages', student")
    theirs = named_stages(teacher, list(overrides.stages.values()), "option 'stages', teacher")
    return evolve(one, stages=mine, skipped=()), evolve(other, stages=theirs, skipped=())


def _paired(student: Taps, teacher: Taps) -> tuple[Taps, Taps]:
    if not student.stages or not teacher.stages:
        return evolve(student, stages=()), evolve(teacher, stages=())
    flat = {stage.shape[1:] for stage in (*student.stages, *teacher.stages)} == {(1, 1)}
    choose = _by_depth if flat else _by_size
    partners = choose(student.stages, teacher.stages)
    idle = [stage for stage in teacher.stages if stage not in partners]
    skipped = (*teacher.skipped, *(f"stage {stage} has no partner" for stage in idle))
    return student, evolve(teacher, stages=partners, skipped=skipped)


def _by_size(student: tuple[Stage, ...], teacher: tuple[Stage, ...]) -> tuple[Stage, ...]:
    def distance(one: Stage, other: Stage) -> float:
        return round(abs(math.log(math.prod(one.shape[1:]) / math.prod(other.shape[1:]))), 9)

    deeper_first = teacher[::-1]
    nearest = [min(deeper_first, key=partial(distance, one)) for one in student]
    return (*nearest[:-1], teacher[-1])


def _by_depth(student: tuple[Stage, ...], teacher: tuple[Stage, ...]) -> tuple[Stage, ...]:
    last = len(teacher) - 1
    if len(student) == 1:
        return (teacher[last],)
    return tuple(teacher[round(i * last / (len(student) - 1))] for i in range(len(student)))


def check_pairing(pairing: Pairing, mixture: Mixture) -> None:
    """Refuse maps on which a method says nothing or cannot work.

    Raises:
        ModelError: naming the method and the pair.
    """
    for part in mixture.parts:
        if not part.method.needs & {Need.STAGES, Need.PREACTIVATIONS}:
            continue
        if not pairing.student.stages:
            raise ModelError(
                "no stage was found in student and teacher",
                where=f"method {part.name}",
                hint="name values of both under [step.stages], or use a method of logits or embeddings",
            )
        if part.method.consecutive and len(pairing.student.stages) < 2:
            raise ModelError(
                f"compares each stage with the next, but {pairing.student.stages[0]} is the only one",
                where=f"method {part.name}",
                hint="name more values of student and teacher under [step.stages], or use another method",
            )
        for one, other in zip(pairing.student.stages, pairing.teacher.stages, strict=True):
            _check_pair(part, one, other)


def _check_pair(part: Part, one: Stage, other: Stage) -> None:
    if part.method.spatial and (1, 1) in (one.shape[1:], other.shape[1:]):
        raise ModelError(
            f"compares positions, but {one} <- {other} has only one",
            where=f"method {part.name}",
            hint="use a method of logits or embeddings, or hint, similarity, vid or abound",
        )
    if part.method.equal_channels and one.shape[0] != other.shape[0]:
        raise ModelError(
            f"needs equal channels, but {one} <- {other} differ",
            where=f"method {part.name}",
            hint="name values of equal channels under [step.stages], or use another method",
        )
