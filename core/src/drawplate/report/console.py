# SPDX-License-Identifier: Apache-2.0
"""A console that writes visible text only, wherever it comes from; its own colours stay."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook
from rich.segment import Segment

from drawplate.report.text import visible


def make_console(*, stderr: bool) -> Console:
    """Make one; it falls back to plain text when it is not a terminal.  ``[`` is a bracket and no markup."""
    made = _Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.push_render_hook(_OnlyVisible())
    return made


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line what becomes of a reader that has gone; rich would exit with code 1."""
        raise BrokenPipeError


class _OnlyVisible(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Visible(renderable) for renderable in renderables]


@frozen
class _Visible:
    inner: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        for text, style, control in console.render(self.inner, options):
            yield Segment(text if control else visible(text), style, control)
