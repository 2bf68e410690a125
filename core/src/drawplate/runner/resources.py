# SPDX-License-Identifier: Apache-2.0
"""What jobs ask for and any number of them share: data, models, builds, tools, other plugins' contributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import Factory, define, field

from drawplate.errors import ContractError, ToolMissing, nearest
from drawplate.executor import Workers
from drawplate.job import Job
from drawplate.plugins import Plugins
from drawplate.reporter import Reporter, SilentReporter
from drawplate.session import Session

if TYPE_CHECKING:
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
    workers: Workers = field(init=False, default=Factory(lambda self: Workers(self.session.workers), takes_self=True))
    """Processes on this machine; none are started before they are needed."""

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
        self.workers.close()
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
