# SPDX-License-Identifier: Apache-2.0
"""A weight that rises linearly over the first epochs."""

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
