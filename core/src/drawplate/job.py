# SPDX-License-Identifier: Apache-2.0
"""What a running step may use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from attrs import field, frozen

from drawplate.artifact import Artifact, Form
from drawplate.build import Build
from drawplate.card import Card, Preview, Verb
from drawplate.errors import DrawplateError
from drawplate.metric import Metric
from drawplate.outcome import Outcome
from drawplate.reporter import Progress, Reporter

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.data.model import Dataset, Split
    from drawplate.notebook import Notebook
    from drawplate.store import Store
    from drawplate.toolenv import Tool

Files = Mapping[str, "bytes | Path"]
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Pool(Protocol):
    """Worker processes."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None: ...

    def submit(self, function: Callable[[Job, Item], Answer], item: Item) -> Future[Answer]:
        """Call ``function(job, item)`` in a worker.  A lost worker is replaced and its item tried once more."""


class Cards(Protocol):
    """Whoever knows all steps."""

    def card(self, name: str) -> Card: ...


class Host(Protocol):
    """What a job needs of the runner that made it, beside the store."""

    reporter: Reporter

    @property
    def plugins(self) -> Cards: ...
    @property
    def has_data(self) -> bool: ...
    def dataset(self) -> Dataset: ...
    def tool(self, name: str) -> Tool: ...
    def contributions(self, job: Job, hook: str) -> Mapping[Any, Any]: ...
    def run(self, request: Request) -> Outcome: ...
    def preview(self, request: Request) -> Preview | None: ...
    def pool(self, job: Job) -> AbstractContextManager[Pool]: ...


def _verbs(verbs: Sequence[Verb]) -> tuple[Verb, ...]:
    return tuple(map(Verb, verbs))


@frozen(kw_only=True)
class Request:
    """One step to be carried out on one model."""

    step: str
    subject: Artifact
    teachers: tuple[Artifact, ...] = ()
    options: Mapping[str, Any] = field(factory=dict)
    """As in a flow file: plain values, the union of the options of the verbs."""
    verbs: tuple[Verb, ...] = field(default=(), converter=_verbs)
    """Which verbs to carry out; empty for all that the step offers."""
    seed: int = 0


@frozen(kw_only=True)
class Job:
    """One call of one verb, and everything that the step may use while it runs."""

    step: str
    verb: Verb | None
    """None while a plan previews the step."""
    workdir: Path
    """A folder of its own that survives a kill: the same call finds it again.  Removed after success."""
    seed: int
    device: str
    """``cpu``, ``cuda`` or ``cuda:1``, as torch writes it."""
    dry: bool
    """True inside a plan: do the least that shows whether the work can be done."""
    log: logging.Logger
    store: Store
    """Where models, builds and derived data are kept."""
    host: Host
    notebook: Notebook

    @property
    def has_data(self) -> bool:
        """Whether the flow names data.  Without, targets run on random inputs (``drawplate.data.stand_in``)."""
        return self.host.has_data

    @property
    def dataset(self) -> Dataset:
        """The flow's data: classes, shapes, normalisation, digest.

        Raises:
            DataError: when the flow names no data, or they are not to be found.
        """
        return self.host.dataset()

    def data(self, split: str) -> Split:
        """Return the images and labels of ``train``, ``val`` or ``test``.  The test split is only for measuring."""
        return self.host.dataset().split(split)

    def save(self, proto: ModelProto, form: Form | None = None, parents: Sequence[Artifact] = ()) -> Artifact:
        """Put a model into the store; ``form`` is read off the graph where it is None."""
        return self.store.put_model(proto, form, tuple(parent.digest for parent in parents))

    def artifact(self, record: Mapping[str, Any]) -> Artifact:
        """Return a model that is in the store, by what ``drawplate.store.records.artifact_record`` says of it."""
        from drawplate.store.records import read_artifact

        return read_artifact(record, self.store)

    def build(
        self, source: Artifact, plan: Mapping[str, Any], files: Files, about: Mapping[str, str] | None = None
    ) -> Build:
        """Put an export into the store.

        Args:
            source: what it was made from.
            plan: what was decided, JSON values.
            files: by relative name, as bytes or a path that is copied; ``selftest.py`` checks what is exported.
            about: what files are, by name, or by folder and suffix as ``rtl/*.v``.
        """
        return self.store.put_build(self.step, source.digest, plan, files, about)

    def run(
        self,
        step: str,
        subject: Artifact,
        *,
        teachers: Sequence[Artifact] = (),
        options: Mapping[str, Any] | None = None,
        verbs: Sequence[Verb] = (),
        seed: int | None = None,
    ) -> Outcome:
        """Carry out another step through the same store: how a search trains and measures candidates.

        Raises:
            DrawplateError: what the step raised, or that there is no such step.
        """
        return self.host.run(
            Request(
                step=step,
                subject=subject,
                teachers=tuple(teachers),
                options=options or {},
                verbs=tuple(verbs),
                seed=self.seed if seed is None else seed,
            )
        )

    def preview(self, request: Request) -> Preview | None:
        """Ask another step what it would do with a model, without doing it; None where it does not say.

        Raises:
            DrawplateError: when the options are wrong, or the step cannot handle the model.
        """
        return self.host.preview(request)

    def card(self, step: str) -> Card:
        """Return another step's card.

        Raises:
            DrawplateError: when there is no such step, or it cannot be loaded.
        """
        return self.host.plugins.card(step)

    def pool(self) -> AbstractContextManager[Pool]:
        """Open the worker processes, for a search that submits items as others finish."""
        return self.host.pool(self)

    def map(self, function: Callable[[Job, Item], Answer], items: Sequence[Item]) -> list[Answer | DrawplateError]:
        """Call ``function(job, item)`` for every item in worker processes, and return the answers in order.

        ``function`` lives at the top level of a module.  An item that fails gives its error instead of an answer.
        """
        with self.pool() as pool:
            futures = [pool.submit(function, item) for item in items]
            return [_answer(future) for future in futures]

    def tool(self, name: str) -> Tool:
        """Return a tool's worker, starting it (and making its environment) on first use.

        Raises:
            ToolMissing: when it cannot be made here.
        """
        return self.host.tool(name)

    def derived(self, kind: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """Return a folder of derived data, made once per key: teacher logits, a layer's synthesis.

        ``make`` fills an empty folder; the folder appears under its final name only when it is complete.
        """
        return self.store.derived(kind, key, make)

    def contributions(self, hook: str) -> Mapping[Any, Any]:
        """Everything that all plugins return for a side hook, e.g. ``torch_ops``; the step's card says so."""
        return self.host.contributions(self, hook)

    def progress(self, label: str, total: float) -> AbstractContextManager[Progress]:
        """Show a bar while the ``with`` block runs."""
        return self.host.reporter.progress(label, total)

    def track(self, series: str, x: float, value: float) -> None:
        """Record one point of a curve, e.g. validation top-1 after an epoch.  A point recorded again replaces."""
        self.notebook.track(series, x, value)

    def row(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        """Record one row (JSON values) of a table, e.g. a stage of a compiled network or a candidate of a search.

        A row recorded again under the same key replaces the earlier one, in its place.
        """
        self.notebook.row(table, key, row)

    def metric(self, metric: Metric) -> None:
        """Record a figure found on the way, as the validation top-1 of what is kept; one of the same name replaces."""
        self.notebook.metric(metric)

    def note(self, text: str) -> None:
        """Record something that a reader of the report has to know."""
        self.notebook.note(text)


def _answer(future: Future[Any]) -> Any:
    try:
        return future.result()
    except DrawplateError as error:
        return error
