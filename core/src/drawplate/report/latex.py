# SPDX-License-Identifier: Apache-2.0
"""Tables as LaTeX, for a paper: booktabs, every character that LaTeX reads as a command escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from drawplate.report.figures import format_number, format_value

ESCAPES: Final = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "→": r"$\rightarrow$", "\n": " ",
}  # fmt: skip


def as_latex(columns: Sequence[str], body: Iterable[Sequence[Any]]) -> str:
    r"""Write a ``tabular`` (needs ``\usepackage{booktabs}``); columns of nothing but numbers are set to the right.

    Args:
        columns: their heads.
        body: rows of values; numbers are rounded for reading.
    """
    rows = [[_cell(value) for value in row] for row in body]
    sides = "".join("r" if rows and all(_is_number(row[at]) for row in rows) else "l" for at in range(len(columns)))
    lines = [rf"\begin{{tabular}}{{{sides}}}", r"\toprule", _line(map(escape, columns)), r"\midrule"]
    return "\n".join([*lines, *map(_line, rows), r"\bottomrule", r"\end{tabular}"]) + "\n"


def escape(text: str) -> str:
    """Write text so that LaTeX prints it."""
    return "".join(ESCAPES.get(letter, letter) for letter in text)


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(value: Any) -> str:
    return escape(format_number(value) if isinstance(value, float) else format_value(value))


def _is_number(cell: str) -> bool:
    return not cell or cell[0] in "-0123456789"
