# SPDX-License-Identifier: Apache-2.0
"""Bars in notebooks: HTML that moves, says what is left, and goes when the work is done."""

import re
import sys
import types

from drawplate import jupyter
from drawplate.api import show
from drawplate.reporter import SilentReporter, TerminalReporter


class Handle:
    def __init__(self):
        self.shown = []

    def update(self, html):
        self.shown.append(html.data)


def test_a_bar_says_what_is_done_and_what_is_left():
    text = jupyter.drawn("fit: <b>", 30, 120, 60.0, "epoch 3")
    assert "&lt;b&gt;" in text
    assert 'value="30" max="120"' in text
    assert "30 of 120, epoch 3; 1:00, 3:00 left" in text
    assert "left" not in jupyter.drawn("fit", 0, 120, 1.0)
    assert "1:00:00" in jupyter.drawn("fit", 1, 1, 3600.0)


def test_a_bar_moves_and_goes(monkeypatch):
    handle = Handle()
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: handle)
    monkeypatch.setattr(jupyter, "EVERY", 0.0)
    with jupyter.NotebookReporter().progress("simulating", 3) as bar:
        for _ in range(3):
            bar.advance()
    assert [re.search(r">(\d of 3)<", text)[1] for text in handle.shown[:-1]] == [
        "0 of 3",
        "1 of 3",
        "2 of 3",
        "3 of 3",
    ]
    assert not handle.shown[-1]


def test_bars_are_those_of_where_it_runs(monkeypatch):
    assert isinstance(show.reporter(quiet=True), SilentReporter)
    assert isinstance(show.reporter(quiet=False), TerminalReporter)
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert isinstance(show.reporter(quiet=False), jupyter.NotebookReporter)
