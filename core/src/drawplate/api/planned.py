# SPDX-License-Identifier: Apache-2.0
"""A plan, to look at."""

from __future__ import annotations

import io
from typing import Any

from attrs import frozen

from drawplate.api import html
from drawplate.flow.plan import Plan
from drawplate.report.terminal import plan_record, plan_text

WIDTH = 120


@frozen(repr=False)
class Planned:
    """A flow that was checked as a whole; :func:`drawplate.plan` returns it."""

    plan: Plan

    @property
    def id(self) -> str:
        """Of the run that it would be."""
        return self.plan.run_id

    @property
    def steps(self) -> list[dict[str, Any]]:
        """What each step will do: options with their values, forms, notes."""
        found: list[dict[str, Any]] = plan_record(self.plan)["steps"]
        return found

    def __repr__(self) -> str:
        from rich.console import Console

        screen = Console(file=io.StringIO(), width=WIDTH, markup=False, highlight=False, emoji=False)
        screen.print(plan_text(self.plan))
        assert isinstance(screen.file, io.StringIO)
        return "\n".join(line.rstrip() for line in screen.file.getvalue().splitlines())

    def _repr_html_(self) -> str:
        return html.text(repr(self))
