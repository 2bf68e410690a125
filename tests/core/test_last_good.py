# SPDX-License-Identifier: Apache-2.0
"""A run keeps its last good record, garbage collection spares it, and who asks learns how a run ended."""

import json
import os
import time
from pathlib import Path

import pytest

from drawplate.errors import DrawplateError, FlowError, StoreError
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.report.read import find_run, list_runs, read_run, run_values
from drawplate.store import Store
from drawplate.store.gc import collect
from drawplate.testing import make_runner

FLOW = """
[model]
onnx = "tiny.onnx"
[[step]]
use = "scale"
[[step]]
use = "moody"
on = "model"
"""
MOODY = """
    import pathlib
    @hookimpl
    def card():
        return Card(summary="", options={"measure": Options}, accepts={Form.FLOAT})
    @hookimpl
    def preview(model):
        mood = pathlib.Path(__file__).with_name("mood")
        if mood.exists():
            raise {"error": ModelError("not today"), "stop": KeyboardInterrupt()}[mood.read_text()]
    @hookimpl
    def measure(subject):
        return ()
"""


@pytest.fixture
def again(tiny_file, tmp_path, write_plugin, scale):
    """Run the same flow over the same store."""
    (tmp_path / "my.toml").write_text(FLOW)
    moody = write_plugin("moody", MOODY)
    return lambda: run_flow(read_flow(tmp_path / "my.toml"), make_runner(tmp_path, plugin_files=[scale, moody]))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def files(store):
    return {path for kind in ("objects", "results", "builds") for path in (store.root / kind).rglob("*.*")}


def age(store, days=30):
    for path in store.root.rglob("*"):
        os.utime(path, (time.time() - days * 86400,) * 2)


def test_a_failed_attempt_leaves_the_good_record_and_all_it_names(again, store, tmp_path):
    result = again()
    good, kept = run_values(result.folder), files(store)
    (tmp_path / "mood").write_text("error")
    with pytest.raises(DrawplateError, match="not today"):
        again()
    found = run_values(result.folder)
    assert read_run(result.folder).later.status == "failed"
    assert found.pop("later") == _later(result.folder)
    assert found == good
    age(store)
    assert collect(store)["files"] == 0
    assert files(store) == kept
    (tmp_path / "mood").unlink()
    again()
    assert read_run(result.folder).later is None
    assert not (result.folder / "attempt").exists()
    assert read_run(result.folder).started > good["started"]


def _later(folder: Path):
    attempt = json.loads((folder / "attempt" / "run.json").read_text())
    assert attempt["status"] == "failed"
    assert "not today" in attempt["error"]
    return {key: attempt[key] for key in ("status", "error", "started", "updated")}


def test_garbage_that_is_young_is_spared(again, store):
    folder = again().folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()
    (store.folder("work", "abc") / "checkpoint.pt").write_bytes(b"x")
    count = len(files(store))
    assert collect(store)["files"] == 0
    assert len(files(store)) == count
    age(store, days=15)
    assert collect(store)["files"] == count + 1
    assert not files(store)


def test_what_was_used_lately_is_young(again, store):
    again()
    age(store)
    again()
    assert all(time.time() - path.stat().st_mtime < 3600 for path in store.root.glob("results/*"))


def test_garbage_is_not_collected_where_a_record_is_damaged(again, store):
    folder = again().folder
    kept = files(store)
    (folder / "steps" / "01-scale.json").write_text("{")
    with pytest.raises(StoreError, match=r"(?s)01-scale\.json.*nothing was removed"):
        collect(store)
    assert files(store) == kept


def test_a_damaged_record_is_one_message_and_one_row(again, store):
    folder = again().folder
    (folder / "run.json").write_bytes(bytes(100))
    assert [row.status for row in list_runs(store)] == ["damaged"]
    with pytest.raises(FlowError, match=r"(?s)run\.json: is damaged.*run the flow again"):
        read_run(find_run(store, "last"))
    again()
    assert [row.status for row in list_runs(store)] == ["done"]


def test_a_changed_figure_of_a_record_is_not_believed(again):
    folder = again().folder
    path = folder / "steps" / "01-scale.json"
    path.write_text(path.read_text().replace('"number": 1', '"number": 7'))
    with pytest.raises(FlowError, match="not what was written"):
        read_run(folder)


def test_a_run_that_nobody_is_at_work_on_was_killed(again, store):
    folder = again().folder
    record = json.loads((folder / "run.json").read_text())
    del record["sha256"]
    (folder / "run.json").write_text(json.dumps({**record, "status": "running"}))
    assert list_runs(store)[0].status == "killed"
    with store.lock(f"run-{folder.name}"):
        assert list_runs(store)[0].status == "running"


def test_last_is_what_was_started_last(again, store, tmp_path):
    first = again().folder
    (tmp_path / "other.toml").write_text(FLOW.replace("[model]", "seed = 1\n[model]"))
    other = run_flow(read_flow(tmp_path / "other.toml"), make_runner(tmp_path, plugin_files=_plugins(tmp_path))).folder
    os.utime(first / "run.json")
    assert find_run(store, "last") == other
    again()
    assert find_run(store, "last") == first


def _plugins(folder):
    return [folder / "scale.py", folder / "moody.py"]


def test_a_run_on_another_device_is_another_run(tmp_path):
    (tmp_path / "my.toml").write_text(FLOW)
    flow = read_flow(tmp_path / "my.toml")
    assert flow.run_id("cuda:0") == flow.run_id("cuda:1") != flow.run_id("cpu")


def test_damaged_objects_are_computed_again_to_the_same_bytes(again, store, caplog):
    result = again()
    path = result.steps["scale"].outcome.artifact.path
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"?")
    assert again().steps == result.steps
    assert path.read_bytes() == good
    assert "computed again" in caplog.text


def test_a_figure_that_is_no_number_is_shown_as_such(tmp_path, tiny_file, write_plugin, capsys):
    from drawplate.cli.show import show
    from drawplate.report.html import page

    names = '("nan", "inf", "-inf")'
    body = f"tuple(Metric(name=n, value=float(n), unit='', source='measured') for n in {names})"
    odd = write_plugin("odd", MOODY.replace("return ()", f"return {body}"))
    (tmp_path / "odd.toml").write_text(FLOW.replace('"moody"', '"odd"').replace('[[step]]\nuse = "scale"\n', ""))
    folder = run_flow(read_flow(tmp_path / "odd.toml"), make_runner(tmp_path, plugin_files=[odd])).folder
    record = read_run(folder)
    values = [metric.value for metric in record.steps[0].outcome.metrics]
    assert str(values) == "[nan, inf, -inf]"
    assert "<td>nan</td>" in page([record])
    show("last", store=tmp_path / "store")
    assert "-inf" in capsys.readouterr().out
