# SPDX-License-Identifier: Apache-2.0
"""What jobs ask for and any number of them share: data, models, builds, tools, other plugins' contributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from drawplate.artifact import Artifact, Form
from drawplate.build import Build
from drawplate.card import Card
from drawplate.errors import ContractError, ToolMissing, nearest
from drawplate.executor import Kept
from drawplate.job import Files, Job, Progress
from drawplate.plugins import Plugins
from drawplate.reporter import Reporter, SilentReporter
from drawplate.session import Session
from drawplate.store.records import read_artifact

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.data.model import Dataset
    from drawplate.toolenv import Tool


@define
class Resources:
    """One session's, in this process; see the methods of :class:`drawplate.Job`."""

    session: Session
    plugins: Plugins
    reporter: Reporter = field(factory=SilentReporter)
    _dataset: Dataset | None = None
    _tools: dict[str, Tool] = field(factory=dict)
    kept: Kept = field(factory=Kept)
    """Worker processes."""

    @property
    def has_data(self) -> bool:
        """Whether the flow names data."""
        return self.session.data is not None or self._dataset is not None

    def dataset(self) -> Dataset:
        """Return the flow's data, read once.

        Raises:
            DataError: when the flow names none, or they are not to be found.
        """
        if self._dataset is None:
            from drawplate.data import read_data_table

            self._dataset = read_data_table(self.session.data, self.plugins.contributions("datasets"))
        return self._dataset

    def tool(self, name: str) -> Tool:
        """Return a tool's worker, started on first use and kept."""
        if name not in self._tools:
            from drawplate.toolenv import start

            specs = self.plugins.contributions("tools")
            if name not in specs:
                raise ToolMissing(f"no plugin knows a tool {name!r}", allowed=sorted(specs), meant=nearest(name, specs))
            self._tools[name] = start(specs[name])
        return self._tools[name]

    def close(self) -> None:
        """Stop worker processes, and those of tools."""
        self.kept.close()
        while self._tools:
            self._tools.popitem()[1].close()

    def contributions(self, job: Job, hook: str) -> Mapping[Any, Any]:
        """Return what all plugins offer for a side hook.

        Raises:
            ContractError: when the step's card does not say that it consults the hook: what it takes decides its
                results, so their keys have to know.
        """
        if job.verb is not None and hook not in self.plugins.card(job.step).consults:
            raise ContractError(
                f"takes what plugins offer as {hook}, but its card does not say so",
                where=f"{job.step}.{job.verb} of {self.plugins.entry(job.step).owner}",
                hint=f"add consults={{{hook!r}: None}} to the card",
            )
        return self.plugins.contributions(hook)

    def card(self, step: str) -> Card:
        """Return another step's card."""
        return self.plugins.card(step)

    def save(self, proto: ModelProto, form: Form | None, parents: tuple[str, ...]) -> Artifact:
        """Put a model into the store."""
        return self.session.store.put_model(proto, form, parents)

    def artifact(self, record: Mapping[str, Any]) -> Artifact:
        """Return a model that is in the store."""
        return read_artifact(record, self.session.store)

    def has(self, digest: str) -> bool:
        """Whether a model is in the store."""
        return self.session.store.has_model(digest)

    def build(self, job: Job, source: Artifact, plan: Mapping[str, Any], files: Files) -> Build:
        """Put an export into the store."""
        return self.session.store.put_build(job.step, source.digest, plan, files)

    def derived(self, kind: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """Return a folder of derived data."""
        return self.session.store.derived(kind, key, make)

    def progress(self, label: str, total: float) -> AbstractContextManager[Progress]:
        """Show a bar."""
        return self.reporter.progress(label, total)
