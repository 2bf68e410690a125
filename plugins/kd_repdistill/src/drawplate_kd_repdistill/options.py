# SPDX-License-Identifier: Apache-2.0
"""Options of ``distill``.  Importing this loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from drawplate.options import option
from drawplate.training import TrainOptions


@frozen(kw_only=True)
class DistillOptions(TrainOptions):
    """How a student is distilled; the formulas are in ``docs/steps/distillation.md``."""

    method: str | Mapping[str, Mapping[str, Any]] = option(
        "A method, a weighted sum as '0.5*crd + kd', or a table from method to its weight and hyper-parameters.",
        default="kd",
    )
    alpha: float | None = option(
        "Weight of the distillation term; left out: 0.9 for kd alone, else 1.", default=None, at_least=0
    )
    gamma: float | None = option(
        "Weight of the cross-entropy; left out: 1 - alpha for kd alone, 0.1 for kd_std alone, else 1.",
        default=None,
        at_least=0,
    )
    temperature: float | None = option(
        "Temperature of every method that softens logits; left out: each method's own.", default=None, above=0
    )
    views: int = option(
        "Fixed augmented views of every image for which teachers are computed once; 0: at every step.",
        default=8,
        at_least=0,
        at_most=256,
    )
    teacher_weights: tuple[float, ...] = option(
        "What each of several teachers counts in the mean of logits; left out: all alike.", default=(), at_least=0
    )
    stages: Mapping[str, str] = option(
        "Student value to teacher value, from the input on; left out: chosen by resolution.",
        default=attrs.Factory(dict),
    )
    student_embedding: str | None = option(
        "Value of the student compared as embedding; left out: the input of its classifier.", default=None
    )
    teacher_embedding: str | None = option(
        "Value of the teacher compared as embedding; left out: the input of its classifier.", default=None
    )
