# SPDX-License-Identifier: Apache-2.0
"""Small tables as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table; all text is escaped."""
    head = "".join(_cell("th", column) for column in columns)
    body = "".join(f"<tr>{''.join(_cell('td', cell) for cell in row)}</tr>" for row in rows)
    title = f'<caption style="text-align:left;font-weight:bold">{escape(caption)}</caption>' if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(kind: str, words: str) -> str:
    return f'<{kind} style="text-align:left">{escape(words)}</{kind}>'


def text(lines: str) -> str:
    """Return preformatted text."""
    return f"<pre>{escape(lines)}</pre>"
