# SPDX-License-Identifier: Apache-2.0
"""Runs and sweeps as the terminal shows them."""

import io

import pytest
from records import bits_sweep, kd_sweep, whole_story
from rich.console import Console

from drawplate.report.record import typed
from drawplate.report.sweeps import points
from drawplate.report.terminal import run_tables, sweep_table


def printed(record, width):
    console = Console(file=io.StringIO(), width=width)
    for part in run_tables(typed(record)):
        console.print(part)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_a_run_with_a_search_shows_its_front(width):
    text = printed(whole_story(), width)
    assert "evolve, front of" in text
    assert "chosen" in text
    assert "baseline" in text


@pytest.mark.parametrize("record", [bits_sweep(2), kd_sweep()], ids=["bits", "kd"])
def test_a_sweep_shows_every_cell(record):
    console = Console(file=io.StringIO(), width=100)
    console.print(sweep_table(typed(record)))
    text = console.file.getvalue()
    assert "…" not in text
    assert text.count(record["axes"][0]["target"]) >= 1
    assert len(text.splitlines()) > len(record["cells"])


@pytest.mark.parametrize("record", [bits_sweep(8), kd_sweep()], ids=["bits", "kd"])
def test_a_sweep_is_told_by_its_settings_and_the_best_of_them(record):
    text = printed(record, 140)
    settings = len(points(typed(record)))
    assert len(text.splitlines()) < 2 * min(settings, 20) + 20
    assert f"drawplate show {record['id']} --each" in text
    assert ("of 64 settings" in text) == (settings > 20)
