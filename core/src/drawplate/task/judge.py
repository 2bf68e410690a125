# SPDX-License-Identifier: Apache-2.0
"""From outputs to metrics: the same for training, every target and every search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.metric import Direction, Metric, Source
from drawplate.task import metrics, strength
from drawplate.task.fits import task_for
from drawplate.task.output import Output
from drawplate.task.task import Kind, Measure, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drawplate.data.model import Dataset, Split
    from drawplate.data.normalisation import Normalisation


def judge(  # noqa: PLR0913 - what outputs are, of what, and what is said of them
    outputs: NDArray[Any],
    split: Split,
    dataset: Dataset,
    *,
    source: Source,
    normalisation: Normalisation | None = None,
    output: Output = Output.SCORES,
    note: str = "",
) -> tuple[Metric, ...]:
    """Return the metrics of the data's task, each with split, direction and a note on how strong its evidence is.

    Of made-up data the unit says that they are: ``% synthetic`` is never taken for an accuracy.

    Args:
        outputs: of the model, shape (N, ...).
        split: the N examples that they are outputs for.
        dataset: whose split it is.
        source: how the outputs were obtained.
        normalisation: how examples become what the model is fed, which a reconstruction is compared with; the data
            set's where left out.
        output: what the outputs are.
        note: what has to be said beside every figure.

    Raises:
        ModelError: when there are not as many outputs as the task asks for.
    """
    import numpy as np

    values = np.asarray(outputs, np.float64).reshape(len(split), -1)
    task = task_for(dataset, values.shape[1], output)
    if task.kind is Kind.RECONSTRUCTION:
        targets: NDArray[Any] = (normalisation or dataset.normalisation).apply(split.x).reshape(len(split), -1)
    else:
        targets = split.y
    if task.kind is Kind.CLASSIFICATION and values.shape[1] == 1:
        values = (values == np.arange(len(dataset.classes))).astype(np.float64)
    said = "; ".join(filter(None, (note, *strength.notes(task, values, targets, output.threshold, dataset.classes))))

    def metric(measure: Measure, value: float) -> Metric:
        return Metric(
            name=measure.name,
            value=value,
            unit=f"{measure.unit} synthetic".strip() if dataset.synthetic else measure.unit,
            source=source,
            note=said,
            split=split.name,
            count=len(split),
            direction=measure.direction,
        )

    found = [(measure, measure.of(values, targets, output.threshold)) for measure in measures(task, split)]
    return tuple(metric(measure, value) for measure, value in found if value is not None)


def measures(task: Task, split: Split) -> tuple[Measure, ...]:
    """Return the measures of a task; a reconstruction of labelled anomalies has an area under the curve too."""
    if task.kind is not Kind.RECONSTRUCTION:
        return task.measures

    def auc(outputs: NDArray[Any], targets: NDArray[Any], _threshold: float) -> float | None:
        return metrics.auc_of_scores(metrics.squared_errors(outputs, targets), split.y != 0)

    return (*task.measures, Measure(name="auc", unit="", direction=Direction.HIGHER, of=auc))
