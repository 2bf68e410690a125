# SPDX-License-Identifier: Apache-2.0
"""Lists: the runs of a store, the steps that are installed, the options of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from drawplate.report.figures import format_number, format_value
from drawplate.report.wide import Wide

if TYPE_CHECKING:
    from drawplate.board import Board
    from drawplate.card import Card
    from drawplate.report.read import Listed
    from drawplate.report.record import Run, Sweep


def table(title: str, *columns: str, rows: Iterable[Sequence[str]]) -> Table:
    """Make a table of plain text."""
    made = Table(*columns, title=title, title_justify="left", show_edge=False, pad_edge=False)
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def runs_table(rows: Sequence[Listed]) -> RenderableType:
    """List the runs of a store."""
    body = [[row.id, row.file or "", status_of(row), row.updated or row.error or ""] for row in rows]
    return table("runs", "id", "file", "status", "updated", rows=body)


def status_of(record: Run | Sweep | Listed) -> str:
    """Say how a run ended, and what became of a later attempt that did not end well."""
    return f"{record.status}; a later attempt: {record.later.status}" if record.later else record.status


def plugins_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List plugins; a broken one is red and says why."""
    made = Table("step", "distribution", "verbs", "accepts", "summary", show_edge=False, pad_edge=False)
    for row in rows:
        said = Text(row["broken"], style="red") if row["broken"] else Text(row["summary"])
        made.add_row(
            *map(Text, (row["step"], row["distribution"], " ".join(row["verbs"]), " ".join(row["accepts"]))), said
        )
    return made


def options_table(name: str, card: Card) -> RenderableType:
    """List a step's options."""
    from drawplate.options import json_schema

    rows = []
    for verb, cls in card.options.items():
        for key, schema in json_schema(cls)["properties"].items():
            kind = schema.get("type", "one of" if "enum" in schema else "")
            limits = ", ".join(str(choice) for choice in schema.get("enum", ()))
            rows.append(
                (verb.value, key, kind, limits, format_value(schema.get("default")), schema.get("description", ""))
            )
    return table(f"{name}: {card.summary}", "verb", "option", "type", "allowed", "default", "what it does", rows=rows)


def boards_tables(boards: Sequence[Board]) -> Iterator[RenderableType]:
    """List boards, a table per target, and what the device on each offers."""
    for target in sorted({board.target for board in boards}):
        own = sorted((board for board in boards if board.target == target), key=lambda board: board.name)
        names = tuple(dict.fromkeys(name for board in own for name in board.budget))
        rows = [
            (
                board.name,
                board.part,
                *(format_number(board.budget[name]) if name in board.budget else "" for name in names),
                "" if board.clock_mhz is None else f"{board.clock_mhz:g} MHz",
            )
            for board in own
        ]
        yield Wide(f"boards of {target}", ("board", "part", *names, "clock"), rows)
