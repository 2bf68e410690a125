# SPDX-License-Identifier: Apache-2.0
"""The learning rate at a step, as a formula: nothing has to be saved to resume it."""

from __future__ import annotations

import math

from drawplate.training import TrainOptions

ONECYCLE_RISE = 0.3
"""Part of the training in which onecycle rises (Smith and Topin 2018; torch's default)."""


def rate(options: TrainOptions, step: int, steps: int, epochs: int) -> float:
    """Return the learning rate of a step.

    Args:
        options: schedule, warm-up and highest rate.
        step: counted from 0 over the whole stage.
        steps: of the whole stage.
        epochs: of the stage.
    """
    warm = options.warmup * steps / epochs
    if step < warm:
        return options.lr * (step + 1) / (warm + 1)
    return options.lr * _factor(options, step, steps, epochs)


def _factor(options: TrainOptions, step: int, steps: int, epochs: int) -> float:
    match options.schedule:
        case "cosine":
            warm = options.warmup * steps / epochs
            return 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))
        case "step":
            milestones: tuple[float, ...] = options.milestones or (0.625 * epochs, 0.75 * epochs, 0.875 * epochs)
            # Whole numbers: step / steps * epochs may round to just below a milestone.
            passed = [milestone for milestone in milestones if step * epochs >= milestone * steps]
            return float(0.1 ** len(passed))
        case "onecycle":
            done = step / steps
            if done < ONECYCLE_RISE:
                return _between(1 / 25, 1, done / ONECYCLE_RISE)
            return _between(1, 1e-4 / 25, (done - ONECYCLE_RISE) / (1 - ONECYCLE_RISE))
        case _:
            return 1.0


def _between(start: float, end: float, part: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * part))
