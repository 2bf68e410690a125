# SPDX-License-Identifier: Apache-2.0
"""Inputs and the outputs that they must give, to check what was made wherever it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from drawplate.artifact import Artifact, Form
from drawplate.errors import DrawplateError
from drawplate.report.record import Run
from drawplate.store.run_records import StepRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drawplate.data import Dataset

COUNT: Final = 64


@frozen(kw_only=True)
class Vectors:
    """Arrays by name, and what they are."""

    arrays: dict[str, NDArray[Any]] = field(eq=False, repr=False)
    """``x``: what the network is fed, float32 (N, ...).  ``y``: its outputs, float32 (N, ...).  With data also ``raw``:
    the same examples as they come, and ``labels``."""
    said: str
    """For readers: what is in it, and who computed the outputs."""


def vectors_of(record: Run, step: StepRecord) -> Vectors:
    """Compute them, of the model that a step made or took.

    Integers compute what the network did that they were lowered from: its outputs are told.
    """
    import numpy as np
    import onnxruntime

    from drawplate.ort import to_standard_onnx
    from drawplate.ort.session import open_session

    model = _runnable(record, step)
    proto = model.proto()
    arrays, said = _inputs(record, proto)
    session = open_session(to_standard_onnx(proto), threads=1, exact=model.form is Form.QONNX)
    taken = session.get_inputs()[0]
    at_once = taken.shape[0] if isinstance(taken.shape[0], int) else len(arrays["x"])
    x = arrays["x"][: len(arrays["x"]) // at_once * at_once]
    parts = [session.run(None, {taken.name: x[at : at + at_once]})[0] for at in range(0, len(x), at_once)]
    arrays = {name: values[: len(x)] for name, values in arrays.items()} | {"y": np.concatenate(parts)}
    by = f"ONNX Runtime {onnxruntime.__version__} on the {model.form} model {model.digest[:8]}"
    return Vectors(arrays=arrays, said=f"{said}; outputs by {by}")


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write them as NumPy does."""
    import numpy as np

    np.savez_compressed(path, **vectors.arrays)  # type: ignore[arg-type]


def _runnable(record: Run, step: StepRecord) -> Artifact:
    """Return the last model, up to a step, that a host can run."""
    before = [other.outcome.artifact for other in record.steps if other.number <= step.number]
    starts = list(record.models.values())
    return next(model for model in (*reversed(before), *starts) if model.form is not Form.DATAFLOW)


def _inputs(record: Run, proto: Any) -> tuple[dict[str, Any], str]:
    from drawplate.data import normalisation_of
    from drawplate.data.stand_in import stand_in

    dataset = _dataset(record)
    if dataset is None:
        drawn = stand_in(proto, COUNT)
        return {"x": drawn.x}, drawn.said
    split = dataset.split("test").first(COUNT)
    x = (normalisation_of(proto) or dataset.normalisation).apply(split.x)
    return {"x": x, "raw": split.x, "labels": split.y}, f"the first {len(split)} test examples of {dataset.name}"


def _dataset(record: Run) -> Dataset | None:
    """Return the data of a run; None where it had none, or they are not where they were."""
    from drawplate.data import read_data_table
    from drawplate.plugins import contributions

    table = record.flow.get("data")
    if not table:
        return None
    try:
        found = read_data_table(table, contributions("datasets"))
    except DrawplateError:
        return None
    return found if record.data is None or found.digest == record.data.digest else None
