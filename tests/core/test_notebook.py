# SPDX-License-Identifier: Apache-2.0
from drawplate.notebook import Notebook, Pages


def test_a_resumed_step_replaces_points_and_rows_and_repeats_no_note(tmp_path):
    notebook = Notebook(tmp_path / "notes.jsonl")
    notebook.track("loss", 2, 0.5)
    notebook.track("loss", 1, 0.9)
    notebook.track("loss", 2, 0.4)
    notebook.row("stages", "b", {"cycles": 1})
    notebook.row("stages", "a", {"cycles": 2})
    notebook.row("stages", "b", {"cycles": 3})
    notebook.note("lossy data")
    notebook.note("lossy data")
    with notebook.path.open("a") as file:
        file.write('{"series": "loss", "x"')
    assert notebook.read() == Pages(
        curves={"loss": ((1.0, 0.9), (2.0, 0.4))},
        tables={"stages": ({"cycles": 3}, {"cycles": 2})},
        notes=("lossy data",),
    )


def test_nothing_written_is_nothing_read(tmp_path):
    assert Notebook(tmp_path / "absent").read() == Pages()
