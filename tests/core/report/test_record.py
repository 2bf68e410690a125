# SPDX-License-Identifier: Apache-2.0
"""Records as JSON values, and back: old ones are read, damaged ones are one message."""

import json

import pytest
from records import bits_sweep, metric, run, step, whole_story

from drawplate.errors import FlowError
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.report.html import page
from drawplate.report.read import read_run
from drawplate.report.record import Run, Sweep, typed
from drawplate.store.records import as_values, read_values
from drawplate.store.run_records import RunRecord, StepRecord, SweepRecord
from drawplate.testing import make_runner


def written(folder, record):
    (folder / "steps").mkdir(parents=True)
    for number, one in enumerate(record.pop("steps", ()), 1):
        (folder / "steps" / f"{number:02}-{one['name']}.json").write_text(json.dumps(one))
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def test_what_a_run_writes_is_what_its_records_say(tiny_file, tmp_path):
    (tmp_path / "my.toml").write_text(
        f'[model]\nonnx = "{tiny_file.name}"\n[[step]]\nuse = "ort"\nruns = 1\nwarmup = 0\n'
    )
    runner = make_runner(tmp_path)
    folder = run_flow(read_flow(tmp_path / "my.toml"), runner).folder
    for path, kind in ((folder / "run.json", RunRecord), (folder / "steps" / "01-ort.json", StepRecord)):
        values = json.loads(path.read_text())
        del values["sha256"]
        record = read_values(values, kind, str(path), runner.session.store)
        assert json.loads(json.dumps(as_values(record))) == values
    model = read_run(folder).models["model"]
    assert model.path == runner.session.store.model_path(model.digest)
    assert model.path.is_file()


def test_a_sweep_is_written_as_it_is_read():
    values = bits_sweep()
    for cell in values["cells"]:
        del cell["curves"]
    record = read_values({**values, "started": "2026"}, SweepRecord, "here")
    again = json.loads(json.dumps(as_values(record)))
    assert again == {**{key: value for key, value in values.items() if key != "versions"}, "started": "2026"}


def test_what_an_older_version_did_not_write_is_not_missed(tmp_path):
    old = step(1, "ort", metrics=[metric("top1", 90.0, "%")])
    artifact = old["outcomes"][0]["artifact"]
    bare = {"name": "ort", "number": 1, "outcomes": [{"artifact": artifact, "metrics": [metric("top1", 90.0, "%")]}]}
    record = read_run(written(tmp_path / "old", {"id": "old", "status": "done", "steps": [bare]}))
    assert isinstance(record, Run)
    assert record.steps[0].whole[0].value == 90
    assert "90 %" in page([record])
    sweep = typed({"id": "s", "status": "done", "axes": [], "cells": [], "what only a newer one knows": 1})
    assert isinstance(sweep, Sweep)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda found: found["steps"][0].update(chosen=3), "chosen = 3 is none of its 1 outcomes"),
        (lambda found: found["steps"][0].pop("outcomes"), "outcomes"),
        (lambda found: found["steps"][3]["outcomes"][0]["metrics"][0].update(source="guessed"), "guessed"),
        (lambda found: found["steps"][3]["outcomes"][0].update(metrics=7), "metrics"),
        (lambda found: found["models"]["model"].pop("digest"), "digest is missing"),
        (lambda found: found["models"].update(model=None), "model"),
        (lambda found: found.update(data="digits"), "data"),
        (lambda found: found.update(seed="three"), "seed"),
    ],
)
def test_values_of_no_record_are_one_message(tmp_path, harm, said):
    found = whole_story(5)
    harm(found)
    with pytest.raises(FlowError, match=r"(?s)is damaged.*run the flow again") as caught:
        read_run(written(tmp_path / "run-1", found))
    assert said in str(caught.value)
    assert str(caught.value.where) == str(tmp_path / "run-1")


def test_a_cell_without_values_is_one_message(tmp_path):
    found = bits_sweep()
    del found["cells"][5]["values"]
    with pytest.raises(FlowError, match=r"values is missing @ record\.cells\[5\]"):
        read_run(written(tmp_path / "sweep-bits", found))


def test_a_run_of_this_form_is_read():
    assert typed(run(step(1, "ort"))).steps[0].options == {"epochs": 3}
