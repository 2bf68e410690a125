# SPDX-License-Identifier: Apache-2.0
"""What a model is for: its loss, its metrics, and how its outputs are judged, once for all steps."""

from drawplate.task.fits import task_for, task_of
from drawplate.task.judge import judge
from drawplate.task.kinds import TASKS, task_named
from drawplate.task.output import Output, output_of, scores_value
from drawplate.task.task import Kind, Loss, Measure, Task

__all__ = [
    "TASKS",
    "Kind",
    "Loss",
    "Measure",
    "Output",
    "Task",
    "judge",
    "output_of",
    "scores_value",
    "task_for",
    "task_named",
    "task_of",
]
