# SPDX-License-Identifier: Apache-2.0
from drawplate.notebook import Notebook


def test_a_resumed_step_replaces_points_and_repeats_no_note(tmp_path):
    notebook = Notebook(tmp_path / "notes.jsonl")
    notebook.track("loss", 2, 0.5)
    notebook.track("loss", 1, 0.9)
    notebook.track("loss", 2, 0.4)
    notebook.note("lossy data")
    notebook.note("lossy data")
    with notebook.path.open("a") as file:
        file.write('{"series": "loss", "x"')
    assert notebook.read() == ({"loss": ((1.0, 0.9), (2.0, 0.4))}, ("lossy data",))


def test_nothing_written_is_nothing_read(tmp_path):
    assert Notebook(tmp_path / "absent").read() == ({}, ())
