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
    done = step / steps
    warm = options.warmup / epochs
    if done < warm:
        return options.lr * (step + 1) / (warm * steps + 1)
    return options.lr * _factor(options, done, (done - warm) / max(1 - warm, 1e-9), epochs)


def _factor(options: TrainOptions, done: float, after_warmup: float, epochs: int) -> float:
    match options.schedule:
        case "cosine":
            return 0.5 * (1 + math.cos(math.pi * after_warmup))
        case "step":
            milestones = options.milestones or tuple(part * epochs for part in (0.625, 0.75, 0.875))
            passed = [milestone for milestone in milestones if done * epochs >= milestone]
            return float(0.1 ** len(passed))
        case "onecycle":
            if done < ONECYCLE_RISE:
                return _between(1 / 25, 1, done / ONECYCLE_RISE)
            return _between(1, 1e-4 / 25, (done - ONECYCLE_RISE) / (1 - ONECYCLE_RISE))
        case _:
            return 1.0


def _between(start: float, end: float, part: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * part))
