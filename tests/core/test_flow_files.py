# SPDX-License-Identifier: Apache-2.0
"""Options that are files are looked for beside the flow, whatever folder it is run in."""

from __future__ import annotations

from drawplate.flow import read_flow
from drawplate.flow.files import with_files
from drawplate.plugins import Plugins

FLOW = """
[model]
zoo = "mlp"
[data]
name = "digits"
[[step]]
use = "fold"
folding = "{path}"
[[step]]
use = "nobody"
folding = "x.json"
"""


def test_paths_are_beside_the_flow(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for path, expected in (("a.json", tmp_path / "a.json"), ("/tmp/b.json", "/tmp/b.json")):
        (tmp_path / "flow.toml").write_text(FLOW.format(path=path))
        first, second = with_files(read_flow(tmp_path / "flow.toml"), Plugins()).steps
        assert first.options["folding"] == str(expected)
        assert second.options["folding"] == "x.json"
