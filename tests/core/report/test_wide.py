# SPDX-License-Identifier: Apache-2.0
"""Tables in a terminal that is narrower than they are."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from drawplate.report.wide import Wide

WORDS = st.text("abcdefgh0123", min_size=1, max_size=12)


def printed(table, width):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


@settings(deadline=None)
@given(st.data(), st.integers(2, 12), st.integers(60, 120))
def test_every_cell_is_readable_at_any_width(data, count, width):
    columns = data.draw(st.lists(WORDS, min_size=count, max_size=count))
    rows = data.draw(st.lists(st.lists(WORDS, min_size=count, max_size=count), min_size=1, max_size=4))
    text = printed(Wide("figures", columns, rows, keys=1), width)
    assert "…" not in text
    cells = [cell.strip() for line in text.splitlines() for cell in line.replace("┃", "│").split("│")]
    assert {cell for row in [columns, *rows] for cell in row} <= set(cells)
    assert max(map(len, text.splitlines())) <= width


def test_each_part_says_what_its_rows_are_about_and_a_wide_terminal_gets_one():
    columns, rows = ["layer", *(f"figure {n}" for n in range(8))], [["MVAU_0", *"12345678"]]
    assert printed(Wide("layers", columns, rows), 200).count("MVAU_0") == 1
    narrow = printed(Wide("layers", columns, rows), 60)
    assert narrow.count("MVAU_0") == narrow.count("layer ") > 1
    assert narrow.count("more columns") == narrow.count("MVAU_0") - 1


def test_a_column_without_text_is_left_out():
    text = printed(Wide("cells", ["option", "top1", "error"], [["1", "97 %", ""]]), 80)
    assert "error" not in text
    assert "97 %" in text
