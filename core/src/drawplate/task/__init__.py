# SPDX-License-Identifier: Apache-2.0
"""What a model is for: its loss, its metrics, and how its outputs are judged, once for all steps."""

from drawplate.task.head import Head, head_of
from drawplate.task.judge import judge, task_for
from drawplate.task.kinds import TASKS, task_named
from drawplate.task.task import Kind, Loss, Measure, Task

__all__ = ["TASKS", "Head", "Kind", "Loss", "Measure", "Task", "head_of", "judge", "task_for", "task_named"]
