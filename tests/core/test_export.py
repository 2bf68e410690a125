# SPDX-License-Identifier: Apache-2.0
"""A folder to take away: complete, explained, and checked by what is in it."""

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import drawplate as dp

FLOW = {
    "title": "A pipe | and more",
    "model": {"zoo": "mlp", "hidden": [8]},
    "data": {"name": "digits", "limit": 200},
    "step": [{"use": "fit", "epochs": 1}, {"use": "ort"}],
}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return dp.run(FLOW, store=tmp_path_factory.mktemp("export") / "s", quiet=True, workers=1)


def selftest(folder):
    return subprocess.run([sys.executable, folder / "selftest.py"], capture_output=True, text=True, check=False)


def test_the_folder_is_complete_and_says_so(result, tmp_path):
    folder = result.export(tmp_path / "out")
    names = {path.name for path in folder.iterdir()}
    assert names == {"model.onnx", "vectors.npz", "selftest.py", "bill.json", "flow.toml", "README.md"}
    readme = (folder / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in names)
    assert result.id in readme
    bill = json.loads((folder / "bill.json").read_text())
    assert bill["model"]["sha256"] == result["ort"].artifact.digest
    assert {metric["name"] for metric in bill["metrics"]} >= {"top1", "latency_ms"}
    assert bill["versions"]["drawplate"]
    vectors = np.load(folder / "vectors.npz")
    assert vectors["y"].shape == (64, 10)
    assert vectors["raw"].dtype == np.uint8


def test_the_flow_in_it_makes_the_same_run(result, tmp_path):
    folder = result.export(tmp_path / "out")
    assert dp.plan(folder / "flow.toml", store=tmp_path).steps == dp.plan(FLOW, store=tmp_path).steps


def test_the_selftest_tells_right_from_wrong(result, tmp_path):
    folder = result.export(tmp_path / "out")
    assert selftest(folder).returncode == 0
    proto = onnx.load(folder / "model.onnx")
    weights = max(proto.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) * np.float32(1.01), weights.name))
    onnx.save(proto, folder / "model.onnx")
    done = selftest(folder)
    assert done.returncode == 1
    assert done.stdout.startswith("WRONG")


def test_a_step_that_made_nothing_gives_its_model(result, tmp_path):
    folder = result.export(tmp_path / "out", "fit")
    assert not (folder / "selftest.py").exists()
    assert (folder / "model.onnx").read_bytes() == result["fit"].artifact.path.read_bytes()


def test_a_model_that_no_host_can_run_has_no_vectors_and_the_readme_says_why(result, tmp_path, monkeypatch):
    def refuse(*_):
        raise dp.ModelError("ONNX Runtime cannot run it")

    monkeypatch.setattr("drawplate.export.folder.vectors_of", refuse)
    folder = result.export(tmp_path / "out")
    assert not (folder / "vectors.npz").exists()
    assert "`vectors.npz`: absent: ONNX Runtime cannot run it." in (folder / "README.md").read_text()


def test_what_cannot_be_exported_is_refused_and_nothing_is_written(result, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(dp.StoreError, match="is there already"):
        result.export(tmp_path / "full")
    with pytest.raises(dp.FlowError, match="did you mean: ort"):
        result.export(tmp_path / "out", "orrt")
    path = result["ort"].build.path("model.onnx")
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-1])
        with pytest.raises(dp.StoreError, match="damaged"):
            result.export(tmp_path / "out")
    finally:
        path.write_bytes(whole)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
