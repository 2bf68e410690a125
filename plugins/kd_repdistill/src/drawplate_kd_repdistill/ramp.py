# SPDX-License-Identifier: Apache-2.0
"""Lengths that follow the number of epochs: a rising weight, a stage before the main one."""

from __future__ import annotations

from attrs import frozen


@frozen
class Ramp:
    """Linear rise from the first epoch on, full after ``part`` of ``epochs``.

    mdistiller counts 20 of its 240 epochs; a part of the epochs keeps short trainings comparable.
    """

    part: float
    epochs: int

    def __call__(self, epoch: int) -> float:
        """Return the factor in 0..1 for an epoch counted from 0."""
        length = self.part * self.epochs
        return min((epoch + 1) / length, 1.0) if length > 0 else 1.0


def stage_length(wanted: int | None, epochs: int) -> int:
    """Return the epochs of a method's own stage: as wanted, or RepDistiller's 30 for 240, at least one."""
    return max(1, round(epochs * 30 / 240)) if wanted is None else wanted
