# SPDX-License-Identifier: Apache-2.0
"""Charts as files, by a real browser; and what is said without one."""

import sys

import pytest
from records import metric, run, step

from drawplate.errors import ToolMissing
from drawplate.report.html import charts
from drawplate.report.pictures import write_pictures
from drawplate.report.record import typed

CURVES = {"val_top1": [[1, 80.0], [2, 85.5]]}


@pytest.fixture
def drawn():
    return charts([typed(run(step(1, "fit", curves=CURVES, metrics=[metric("top1", 85.5, "%")])))])


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_a_chart_becomes_a_file(browser, drawn, tmp_path, kind, start):
    assert browser.is_connected()  # the fixture has looked for one
    (path,) = write_pictures(drawn, tmp_path / "figures", kind)
    assert path.name == f"fit-accuracy.{kind}"
    assert path.read_bytes().startswith(start)


def test_the_same_chart_has_the_same_bytes(browser, drawn, tmp_path):
    assert browser.is_connected()
    (first,), (again,) = (write_pictures(drawn, tmp_path / name, "svg") for name in ("first", "again"))
    assert first.read_bytes() == again.read_bytes()


def test_without_kaleido_the_message_says_what_to_install(drawn, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(ToolMissing, match=r"(?s)need kaleido.*drawplate\[figures\]"):
        write_pictures(drawn, tmp_path, "svg")


def test_without_a_browser_the_message_says_what_to_install(drawn, tmp_path, monkeypatch):
    from choreographer.browsers import ChromeNotFoundError

    def fails(_wishes):
        raise ChromeNotFoundError

    monkeypatch.setattr("kaleido.write_fig_from_object_sync", fails)
    with pytest.raises(ToolMissing, match=r"(?s)none was found.*apt install chromium"):
        write_pictures(drawn, tmp_path, "svg")
