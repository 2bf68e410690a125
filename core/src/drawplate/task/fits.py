# SPDX-License-Identifier: Apache-2.0
"""Whether a model gives what a task asks for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drawplate.errors import ModelError
from drawplate.task.kinds import TASKS
from drawplate.task.output import Output, output_of
from drawplate.task.task import Kind, Task

if TYPE_CHECKING:
    from drawplate.artifact import Artifact
    from drawplate.data.model import Dataset


def task_of(model: Artifact, dataset: Dataset) -> Task:
    """Return what a model is judged by: two classes may have one output.

    Raises:
        ModelError: when the data ask for another number of outputs; names the output.
    """
    output = model.outputs[0]
    sizes = output.shape[1:]
    width = math.prod(size for size in sizes if isinstance(size, int))
    if any(isinstance(size, str) for size in sizes):
        return dataset.task  # the number of outputs is not known
    try:
        return task_for(dataset, width, output_of(model.proto()))
    except ModelError as error:
        raise error.at(f"output {output.name!r}") from error


def task_for(dataset: Dataset, outputs: int, output: Output = Output.SCORES) -> Task:
    """Return what a model with so many outputs is judged by.

    Raises:
        ModelError: when the data ask for another number of outputs.
    """
    task, wanted = dataset.task, dataset.outputs
    two = task.classifies and len(dataset.classes) == 2
    if two and outputs in (1, 2):
        return TASKS[Kind.BINARY if outputs == 1 else Kind.CLASSIFICATION]
    if outputs == wanted or (task.classifies and outputs == 1 and output is Output.INDEX):
        return task
    what = f"{outputs:,} output{'' if outputs == 1 else 's'} for the {task.kind} of {dataset.name}"
    raise ModelError(f"has {what}", allowed="1 or 2" if two else f"{wanted:,}")
