# SPDX-License-Identifier: Apache-2.0
"""Links from a page to the files of a run, as long as both stay where they are."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from attrs import frozen

from drawplate.report.record import Run
from drawplate.store.run_records import StepRecord

FIRST = ("README.md", "BOARD.md", "model.onnx", "build.tcl", "selftest.py", "vectors.npz")
"""Files of a build that a reader looks for; the folder has the others."""


@frozen(kw_only=True)
class Link:
    """One."""

    name: str
    href: str
    """Relative to the page."""


@frozen
class Links:
    """Makes links for a page in a folder; none for a page that has no place."""

    beside: Path | None

    def to(self, path: Path, name: str) -> tuple[Link, ...]:
        """Link a file or a folder that exists."""
        if self.beside is None or not path.exists():
            return ()
        return (Link(name=name, href=quote(os.path.relpath(path.resolve(), self.beside.resolve()))),)

    def of_step(self, step: StepRecord) -> tuple[Link, ...]:
        """Link what a step made: its model, the folder of its build and the files in it."""
        outcome = step.outcome
        found = (
            self.to(outcome.artifact.path, "model (ONNX)") if "compress" in step.verbs or "train" in step.verbs else ()
        )
        if outcome.build is None:
            return found
        build = outcome.build
        count = len(build.files)
        found += self.to(build.root, f"folder of {count} file{'s' if count > 1 else ''}")
        for name in FIRST:
            found += self.to(build.root / name, name) if name in build.files else ()
        return found

    def of_run(self, record: Run) -> tuple[Link, ...]:
        """Link a run's folder and its log."""
        folder = Path(record.folder)
        return self.to(folder, "run folder") + self.to(folder / "log.txt", "log") if record.folder else ()
