# SPDX-License-Identifier: Apache-2.0
"""What a session's outputs are worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from drawplate.data import Dataset, Split, normalisation_of
from drawplate.metric import Metric, Source
from drawplate.task import judge, output_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

Prepare = Callable[["NDArray[Any]"], "NDArray[np.float32]"] | None
SPLITS = {"train": "training", "val": "validation", "test": "test"}
CHUNK = 500  # images that are normalised and fed at once where the model leaves the batch free


def predict(session: Any, x: NDArray[Any], prepare: Prepare = None) -> NDArray[np.float32]:
    """Return outputs, float32 (N, outputs).

    Args:
        session: an ONNX Runtime session with one input.
        x: values of any real type, shape (N, ...).
        prepare: makes of them what the model is fed, e.g. ``normalisation.apply``; None where they are that already.
    """
    import numpy as np

    step = fixed_batch(session) or CHUNK
    name, output = session.get_inputs()[0].name, session.get_outputs()[0].name
    parts = []
    for start in range(0, len(x), step):
        images = x[start : start + step]
        images = images if prepare is None else prepare(images)
        missing = step - len(images) if fixed_batch(session) else 0
        padded = np.concatenate([images, np.repeat(images[-1:], missing, axis=0)]) if missing else images
        parts.append(session.run([output], {name: padded})[0][: len(images)])
    return np.concatenate(parts).reshape(len(x), -1)


def measured(session: Any, proto: ModelProto, split: Split, dataset: Dataset) -> tuple[Metric, ...]:
    """Return the metrics of the data's task.

    Args:
        session: runs the model.
        proto: the model: its metadata may say how examples are normalised.
        split: what is predicted.
        dataset: whose split it is.
    """
    normalisation = normalisation_of(proto) or dataset.normalisation
    return judge(
        predict(session, split.x, normalisation.apply),
        split,
        dataset,
        source=Source.MEASURED,
        normalisation=normalisation,
        output=output_of(proto),
        note="; ".join((f"{len(split):,} {SPLITS[split.name]} {dataset.noun} of {dataset.name}", *dataset.notes)),
    )


def fixed_batch(session: Any) -> int | None:
    """Return the batch size that the model is written for; None where it is free."""
    first = session.get_inputs()[0].shape[0]
    return first if isinstance(first, int) else None
