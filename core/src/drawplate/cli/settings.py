# SPDX-License-Identifier: Apache-2.0
"""What every command that carries a flow out is told: one list of options, for all of them."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import NOTHING, fields, frozen

from drawplate.cli.common import (
    DEFAULT_STORE,
    AsJson,
    Device,
    Executor,
    FlowFile,
    PluginFiles,
    Seed,
    Sets,
    StoreOption,
    Workers,
    console,
)

if TYPE_CHECKING:
    from drawplate.flow import Flow
    from drawplate.runner import Runner


@frozen(kw_only=True)
class Settings:
    """The options themselves, in the order in which ``--help`` shows them."""

    flow: FlowFile
    sets: Sets = None
    seed: Seed = None
    device: Device = "cpu"
    store: StoreOption = DEFAULT_STORE
    plugin: PluginFiles = None
    workers: Workers = 0
    executor: Executor = "process"
    json: AsJson = False

    def read(self) -> "Flow":
        """Return the flow with what was set.

        Raises:
            FlowError: when it is none.
        """
        from drawplate.flow import read_flow

        return read_flow(Path(self.flow), self.sets or (), self.seed)

    @contextmanager
    def runner(self, flow: "Flow") -> Iterator["Runner"]:
        """Make a runner that shows its progress on standard error, unless the output is for a program."""
        from drawplate.engine import Engine
        from drawplate.reporter import SilentReporter, TerminalReporter

        engine = Engine(
            store=self.store,
            plugins=self.plugin or (),
            device=self.device,
            workers=self.workers,
            executor=self.executor,
        )
        reporter = SilentReporter() if self.json else TerminalReporter(console(stderr=True))
        with engine.runner(flow, reporter) as runner:
            yield runner


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command's first argument, a :class:`Settings`, the options that it holds."""
    shared = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is NOTHING else field.default,
            annotation=field.type,
        )
        for field in fields(Settings)
    ]
    _, *own = inspect.signature(command).parameters.values()
    names = {parameter.name for parameter in shared}

    @functools.wraps(command)
    def call(**given: Any) -> None:
        settings = Settings(**{name: given.pop(name) for name in names & set(given)})
        command(settings, **given)

    flow, *options = shared
    keywords = (parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own)
    call.__signature__ = inspect.Signature([flow, *keywords, *options])  # type: ignore[attr-defined]
    return call
