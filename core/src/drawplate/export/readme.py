# SPDX-License-Identifier: Apache-2.0
"""What a reader of the folder has to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from drawplate.export.vectors import Vectors
from drawplate.report.figures import format_metric
from drawplate.report.record import Run
from drawplate.report.rows import as_markdown
from drawplate.store.run_records import StepRecord

OWN: Final[Mapping[str, str]] = {
    "model.onnx": "the model",
    "vectors.npz": "inputs and the outputs they must give",
    "selftest.py": "checks what is here against `vectors.npz`",
    "bill.json": "what made this, from what, in which versions, with every figure",
    "flow.toml": "the flow: `drawplate run flow.toml` makes all of this again",
    "README.md": "this page",
}
MOST: Final = 12
"""Files of one kind beyond which they are told together."""


def readme(record: Run, step: StepRecord, vectors: Vectors, folder: Path) -> str:
    """Write the page.

    Args:
        record: of the run.
        step: what was made by.
        vectors: what the folder is checked with.
        folder: with all other files in it.
    """
    title = str(record.flow.get("title", "")) or f"What {step.name} made"
    lines = [f"# {title}", "", *_story(record, step), ""]
    figures = [(metric.name, format_metric(metric), metric.source.value, metric.note) for metric in step.whole]
    if figures:
        lines += ["## Figures", "", as_markdown(("metric", "value", "source", "note"), figures)]
    lines += ["## Files", "", as_markdown(("file", "what it is"), _files(step, folder))]
    lines += ["## Try it", "", *_try_it(step, folder), "", f"`vectors.npz`: {vectors.said}.", *_arrays(vectors), ""]
    if step.outcome.notes:
        lines += ["## To know", "", *(f"- {note}" for note in step.outcome.notes), ""]
    lines += ["## Versions", "", as_markdown(("package", "version"), sorted(record.versions.items()))]
    return "\n".join(lines).rstrip() + "\n"


def _story(record: Run, step: StepRecord) -> Iterator[str]:
    data = f" on {record.data.name}" if record.data else ""
    yield (
        f"Made by step `{step.name}` of run `{record.id}`{data}, {record.updated[:10]}, seed {record.seed}: "
        f"{' -> '.join(other.name for other in record.steps if other.number <= step.number)}."
    )
    if step.outcome.build:
        yield f"Build `{step.outcome.build.digest[:16]}`, of model `{step.outcome.build.source[:16]}`."


def _files(step: StepRecord, folder: Path) -> Iterator[tuple[str, str]]:
    about = step.outcome.build.about if step.outcome.build else {}
    names = sorted(str(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())
    told = {name: text for name in (*names, "README.md") if (text := about.get(name) or OWN.get(name))}
    yield from ((f"`{name}`", text) for name, text in told.items())
    rest = [name for name in names if name not in told]
    kinds = Counter(_kind(name) for name in rest)
    for kind, count in kinds.items():
        of_kind = [name for name in rest if _kind(name) == kind]
        text = about.get(kind, "")
        if count > MOST or (text and count > 1):
            yield f"`{kind}`", f"{count} files{f': {text}' if text else ''}"
        else:
            yield from ((f"`{name}`", text) for name in of_kind)


def _kind(name: str) -> str:
    """Return the pattern that a file is told under: its folder and its suffix."""
    path = Path(name)
    return (path.parent / f"*{path.suffix}").as_posix() if path.suffix else name


def _try_it(step: StepRecord, folder: Path) -> Iterator[str]:
    plan = step.outcome.build.plan if step.outcome.build else {}
    if (folder / "selftest.py").exists():
        yield "`python selftest.py` computes `vectors.npz` anew with what is here, and says whether it is right."
    for name, command in plan.items():
        if isinstance(command, str) and " " in command and "\n" not in command:
            yield f"- {name}: `{command}`"


def _arrays(vectors: Vectors) -> Iterator[str]:
    yield ""
    for name, array in vectors.arrays.items():
        yield f"- `{name}`: {array.dtype} {list(array.shape)}"
