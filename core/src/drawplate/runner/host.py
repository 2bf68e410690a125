# SPDX-License-Identifier: Apache-2.0
"""What a job asks of the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact, Form
from drawplate.build import Build
from drawplate.card import Card, Preview
from drawplate.job import Files, Job, Outcome, Pool, Progress, Request
from drawplate.store.records import read_artifact

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.data import Dataset
    from drawplate.runner.runner import Runner
    from drawplate.toolenv import Tool


@frozen
class RunnerHost:
    """The :class:`drawplate.job.Host` of every job that a runner makes."""

    runner: Runner

    def dataset(self) -> Dataset:
        return self.runner.dataset()

    def save(self, proto: ModelProto, form: Form | None, parents: tuple[str, ...]) -> Artifact:
        return self.runner.session.store.put_model(proto, form, parents)

    def artifact(self, record: Mapping[str, Any]) -> Artifact:
        return read_artifact(record, self.runner.session.store)

    def build(self, job: Job, source: Artifact, plan: Mapping[str, Any], files: Files) -> Build:
        return self.runner.session.store.put_build(job.step, source.digest, plan, files)

    def run(self, request: Request) -> Outcome:
        return self.runner.run(request)

    def preview(self, request: Request) -> Preview | None:
        return self.runner.preview(request)

    def card(self, step: str) -> Card:
        return self.runner.plugins.card(step)

    @contextmanager
    def pool(self, job: Job) -> Iterator[Pool]:
        from drawplate.executor import open_pool

        with open_pool(self.runner, job) as pool:
            yield pool

    def tool(self, name: str) -> Tool:
        return self.runner.tool(name)

    def derived(self, kind: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        return self.runner.session.store.derived(kind, key, make)

    def progress(self, label: str, total: float) -> AbstractContextManager[Progress]:
        return self.runner.reporter.progress(label, total)

    def contributions(self, hook: str) -> Mapping[Any, Any]:
        return self.runner.plugins.contributions(hook)
