# SPDX-License-Identifier: Apache-2.0
"""How long a sweep takes: how many different steps it has to compute, and what such steps took before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate.errors import StoreError
from drawplate.flow.folder import DONE, read_record, read_steps
from drawplate.flow.model import Flow
from drawplate.store import Store
from drawplate.store.keys import digest_of

LOOKED_AT: Final = 20
"""Earlier runs that are asked how long their steps took, the latest ones."""


@frozen(kw_only=True)
class Work:
    """What is left to do of a sweep."""

    runs: int
    steps: Mapping[str, int]
    """How many of each step have to be computed: runs that begin alike share these steps."""

    def seconds(self, took: Mapping[str, float], workers: int) -> float | None:
        """Return how long it takes; None where it is not known how long some step takes."""
        if not set(self.steps) <= set(took):
            return None
        return sum(count * took[name] for name, count in self.steps.items()) / max(1, min(workers, self.runs))


def work_of(flows: Iterable[Flow], store: Store, device: str) -> Work:
    """Count what the runs of a sweep have to compute that are not done yet."""
    waiting = [flow for flow in flows if not _is_done(store.root / "runs" / flow.run_id(device))]
    different = {
        (step.name, digest_of([flow.table.get("model"), flow.table.get("models"), flow.table.get("data"), flow.seed,
                               list(flow.table["step"][: step.number])]))
        for flow in waiting for step in flow.steps
    }  # fmt: skip
    return Work(runs=len(waiting), steps=Counter(name for name, _ in sorted(different)))


def took_before(flow: Flow, store: Store) -> dict[str, float]:
    """Return the seconds that the steps of a flow took when it was run last, by name."""
    folders = store.root.glob(f"runs/{flow.path.stem}-*/run.json")
    for path in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[:LOOKED_AT]:
        took = took_in(path.parent)
        if {step.name for step in flow.steps} <= set(took):
            return took
    return {}


def took_in(folder: Path) -> dict[str, float]:
    """Return the seconds that the steps of one run took, by name; none of what is damaged."""
    try:
        return {step["name"]: float(step.get("seconds", 0)) for step in read_steps(folder, read_record(folder))}
    except (StoreError, OSError, ValueError, TypeError):
        return {}


def said(work: Work, seconds: float | None, workers: int) -> str:
    """Say what is left to do, and how long it takes."""
    steps: Sequence[str] = [f"{count:,} {name}" for name, count in work.steps.items()]
    runs = f"{work.runs:,} runs, {min(workers, max(1, work.runs))} at a time"
    if not work.runs:
        return "all runs are in the store"
    when = "how long that takes is known when the first is done" if seconds is None else f"about {duration(seconds)}"
    return f"{runs}; to compute: {', '.join(steps)}; {when}"


def duration(seconds: float) -> str:
    """Write a time as one says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _is_done(folder: Path) -> bool:
    try:
        return bool(read_record(folder).get("status") == DONE)
    except (StoreError, OSError):
        return False
