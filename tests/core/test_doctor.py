# SPDX-License-Identifier: Apache-2.0
"""What ``drawplate doctor`` finds and prints."""

import io

import pytest
from rich.console import Console

from drawplate.doctor import examine
from drawplate.plugins import Plugins
from drawplate.report.doctor_text import doctor_text

MISSING = {
    "name": "finn",
    "found": False,
    "details": "not made yet; would use /opt/some/rather/long/folder/of/python/bin/python3.11",
    "needed_by": "lower",
    "next": "drawplate doctor --fix",
}


def printed(rows, width):
    console = Console(file=io.StringIO(), width=width)
    console.print(doctor_text(rows))
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_path_or_command_is_cut(width):
    text = printed([MISSING, MISSING | {"found": True}], width)
    assert "…" not in text
    assert "".join(MISSING["details"].split()) in "".join(text.split())
    assert text.count("next:") == 1, "what is here needs no next step"
    assert text.splitlines()[-1].strip() == "1 of 2 are here"


def test_every_step_that_needs_a_tool_is_named_with_it():
    plugins = Plugins(())
    rows = {row["name"]: row for row in examine(plugins)}
    for name, card in plugins.steps().items():
        assert all(name in rows[tool]["needed_by"] for tool in card.tools)
    assert rows["data digits"]["found"], "scikit-learn's digits come with drawplate"
    for name in ("npz", "folder"):
        assert rows[f"data {name}"]["found"], "a user's own files are where the flow says"
