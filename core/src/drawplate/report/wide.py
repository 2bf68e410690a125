# SPDX-License-Identifier: Apache-2.0
"""Tables that may have more columns than a terminal is wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen
from rich.console import Console, ConsoleOptions
from rich.table import Table
from rich.text import Text

WIDEST = 32
"""Characters of a column beyond which its text is wrapped."""
SEPARATOR = 3
"""Characters between two columns."""


@frozen
class Wide:
    """A table that is cut into several, one below the other, where its columns do not fit side by side."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    keys: int = 1
    """So many leading columns say what a row is about; each part has them."""

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[Table]:
        """Yield the parts."""
        for number, part in enumerate(self._parts(options.max_width)):
            title = f"{self.title}, more columns" if number else self.title
            table = Table(*(self.columns[at] for at in part), show_edge=False, pad_edge=False)
            table.title, table.title_justify = title, "left"
            for row in self.rows:
                table.add_row(*(Text(row[at]) for at in part))
            yield table

    def _parts(self, room: int) -> Iterator[list[int]]:
        """Yield the columns of each part; those without any text are left out."""
        kept = [at for at in range(len(self.columns)) if at < self.keys or any(row[at] for row in self.rows)]
        keys, others = kept[: self.keys], kept[self.keys :]
        part = list(keys)
        for at in others:
            if len(part) > len(keys) and self._width([*part, at]) > room:
                yield part
                part = list(keys)
            part.append(at)
        yield part

    def _width(self, part: Sequence[int]) -> int:
        widths = (max(len(self.columns[at]), *(len(row[at]) for row in self.rows), 0) for at in part)
        return sum(min(width, WIDEST) + SEPARATOR for width in widths) - SEPARATOR
