# SPDX-License-Identifier: Apache-2.0
"""The tasks that there are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from drawplate.errors import FlowError, nearest
from drawplate.metric import Direction
from drawplate.task import metrics
from drawplate.task.task import Kind, Loss, Measure, Task

HIGHER, LOWER = Direction.HIGHER, Direction.LOWER

_TOP1 = Measure(name="top1", unit="%", direction=HIGHER, of=metrics.top1)
_ERROR = Measure(name="error", unit="%", direction=LOWER, of=metrics.error)
_BALANCED = Measure(name="balanced_accuracy", unit="%", direction=HIGHER, of=metrics.balanced_accuracy)
_MSE = Measure(name="mse", unit="", direction=LOWER, of=metrics.mse)
_MAE = Measure(name="mae", unit="", direction=LOWER, of=metrics.mae)

TASKS: Final[Mapping[Kind, Task]] = MappingProxyType(
    {
        task.kind: task
        for task in (
            Task(kind=Kind.CLASSIFICATION, loss=Loss.CROSS_ENTROPY, measures=(_TOP1, _ERROR, _BALANCED)),
            Task(
                kind=Kind.BINARY,
                loss=Loss.BINARY_CROSS_ENTROPY,
                measures=(
                    _TOP1,
                    _ERROR,
                    _BALANCED,
                    Measure(name="auc", unit="", direction=HIGHER, of=metrics.auc),
                ),
            ),
            Task(
                kind=Kind.LABELS,
                loss=Loss.BINARY_CROSS_ENTROPY,
                measures=(
                    # Labels are rare as a rule: most accuracies are best where none is ever given, this one is not.
                    Measure(name="f1", unit="%", direction=HIGHER, of=metrics.f1),
                    Measure(name="label_accuracy", unit="%", direction=HIGHER, of=metrics.label_accuracy),
                    Measure(name="exact_match", unit="%", direction=HIGHER, of=metrics.exact_match),
                    Measure(name="auc", unit="", direction=HIGHER, of=metrics.mean_auc),
                ),
            ),
            Task(
                kind=Kind.REGRESSION,
                loss=Loss.SQUARED_ERROR,
                measures=(_MSE, _MAE, Measure(name="r2", unit="", direction=HIGHER, of=metrics.r2)),
            ),
            Task(
                kind=Kind.RECONSTRUCTION,
                loss=Loss.SQUARED_ERROR,
                # The area under the curve needs labels beside what is reconstructed: ``judge`` adds it.
                measures=(_MSE, _MAE),
            ),
        )
    }
)


def task_named(name: str) -> Task:
    """Return a task by the name that ``[data] task`` uses.

    Raises:
        FlowError: when there is no such task.
    """
    if name not in list(Kind):
        raise FlowError(f"there is no task {name!r}", allowed=[kind.value for kind in Kind], meant=nearest(name, Kind))
    return TASKS[Kind(name)]
