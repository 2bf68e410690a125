# SPDX-License-Identifier: Apache-2.0
"""Writing the folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from drawplate.errors import DrawplateError, FlowError, StoreError, nearest
from drawplate.export.bill import bill_of
from drawplate.export.readme import readme
from drawplate.export.vectors import Vectors, vectors_of, write_vectors
from drawplate.report.flow_text import flow_text
from drawplate.report.record import Run
from drawplate.store import atomic
from drawplate.store.run_records import StepRecord
from drawplate.store.verified import hash_file

MODEL, VECTORS, BILL, FLOW, README = "model.onnx", "vectors.npz", "bill.json", "flow.toml", "README.md"


def export(record: Run, folder: Path, step: str | None = None) -> Path:
    """Write what a step made into a folder, and return where.

    Args:
        record: of the run.
        folder: a new one, or an empty one; all of it is written or nothing.
        step: its name; the last that made something where left out, else the last one: its model alone.

    Raises:
        FlowError: when there is no such step, or none is finished.
        StoreError: when the folder holds something, or what was made is not in the store any more.
    """
    chosen = _step(record, step)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(
            "is there already", where=str(folder), allowed="a new or an empty folder", hint="name another with -o"
        )
    _check(record, chosen)

    def fill(place: Path) -> None:
        _fill(place, record, chosen)

    with atomic.writing(folder):
        if folder.exists():
            folder.rmdir()
    atomic.write_folder(folder, fill)
    return folder.absolute()


def _fill(place: Path, record: Run, step: StepRecord) -> None:
    build, model = step.outcome.build, step.outcome.artifact
    for name in build.files if build else ():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(build.path(name), path)  # type: ignore[union-attr]
    vectors = _vectors(record, step)
    own: dict[str, Callable[[Path], object]] = {
        MODEL: lambda path: shutil.copyfile(model.path, path),
        BILL: lambda path: path.write_text(json.dumps(bill_of(record, step), indent=1) + "\n", encoding="utf-8"),
        FLOW: lambda path: path.write_text(f"{flow_text(record.flow)}\n", encoding="utf-8"),
        README: lambda path: path.write_text(readme(record, step, vectors, place), encoding="utf-8"),
    }
    if vectors.arrays:
        own = {VECTORS: lambda path: write_vectors(path, vectors), **own}
    for name, write in own.items():
        if not (place / name).exists():
            write(place / name)


def _vectors(record: Run, step: StepRecord) -> Vectors:
    """Compute test vectors; where this host cannot run the model, say why there are none."""
    try:
        return vectors_of(record, step)
    except DrawplateError as error:
        return Vectors(arrays={}, said=f"absent: {error.what}")


def _step(record: Run, name: str | None) -> StepRecord:
    if not record.steps:
        raise FlowError("has no finished step", where=record.id, hint="run its flow again")
    steps = {step.name: step for step in record.steps}
    if name is not None:
        if name not in steps:
            raise FlowError(f"has no step {name!r}", where=record.id, allowed=steps, meant=nearest(name, steps))
        return steps[name]
    return next((step for step in reversed(record.steps) if step.outcome.build), record.steps[-1])


def _check(record: Run, step: StepRecord) -> None:
    """See that all files are in the store, as they were written."""
    build, model = step.outcome.build, step.outcome.artifact
    wanted = {model.path: model.digest}
    wanted |= {build.root / name: digest for name, digest in build.files.items()} if build else {}
    for path, digest in wanted.items():
        if not path.is_file() or hash_file(path) != digest:
            raise StoreError(
                "is gone from the store, or damaged", where=str(path), hint=f"run {record.file} again: it is made anew"
            )
