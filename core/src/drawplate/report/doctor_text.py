# SPDX-License-Identifier: Apache-2.0
"""What ``drawplate doctor`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text


def doctor_text(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """List what was looked for: lines, which fit any terminal and cut no path or command."""
    missing = sum(not row["found"] for row in rows)
    parts: list[RenderableType] = [part for row in rows for part in _entry(row)]
    parts.append(Text(f"{len(rows) - missing} of {len(rows)} are here", style="bold"))
    return Group(*parts)


def _entry(row: Mapping[str, Any]) -> list[RenderableType]:
    mark = ("here     ", "green") if row["found"] else ("not here ", "yellow")
    users = f" (for {row['needed_by']})" if row["needed_by"] else ""
    parts: list[RenderableType] = [Text.assemble(mark, (row["name"], "bold"), (users, "dim"))]
    if row["details"]:
        parts.append(Padding(Text(row["details"]), (0, 0, 0, 9)))
    if not row["found"] and row["next"]:
        parts.append(Padding(Text(f"next: {row['next']}"), (0, 0, 0, 9)))
    return parts
