# SPDX-License-Identifier: Apache-2.0
"""Flows on data of one's own: what a run would refuse, a plan refuses, in one message."""

from __future__ import annotations

import time

import numpy as np
import pytest

from drawplate.engine import Engine
from drawplate.errors import DrawplateError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.run import run_flow
from drawplate.reporter import SilentReporter

MFCC = (1, 49, 10)
MLP = '[model]\nzoo = "mlp"\nhidden = [8]\n'
CNN = '[model]\nzoo = "flexstudent"\nconv_layers = 2\nchannels = [4]\nneurons = 8\n'
FIT = '[[step]]\nuse = "fit"\nepochs = 30\nbatch = 16\nlr = 0.01\n'
ORT = '[[step]]\nuse = "ort"\nruns = 3\n'


def save(folder, shape, kind="float32", **others):
    random = np.random.default_rng(0)
    y = np.arange(120) % 3
    x = (random.normal(0, 1, (120, *shape)) + y.reshape(-1, *(1,) * len(shape))).astype(kind)
    arrays = {"x_train": x[:90], "y_train": y[:90], "x_test": x[90:], "y_test": y[90:]} | others
    np.savez(folder / "own.npz", **arrays)


def flow(folder, model, steps, **data):
    lines = [f"{key} = {value}" for key, value in {"name": '"npz"', "path": '"own.npz"', **data}.items()]
    path = folder / "my.toml"
    path.write_text(f"{model}\n[data]\n" + "\n".join(lines) + f"\n{steps}")
    return path


def call(command, path):
    """Carry a flow out as the command line does; return what it gave."""
    flow = read_flow(path)
    with Engine(store=path.parent / "store", workers=1).runner(flow, SilentReporter()) as runner:
        return (make_plan if command == "plan" else run_flow)(flow, runner)


@pytest.mark.parametrize(("shape", "model"), [((6,), MLP), ((2, 30), MLP), (MFCC, MLP), (MFCC, CNN)])
def test_a_flow_on_any_shape_runs(shape, model, tmp_path):
    save(tmp_path, shape)
    path = flow(tmp_path, model, FIT + ORT, normalise='"standard"')
    assert call("run", path).steps["ort"].outcome.metric("top1") > 50


def test_a_path_is_looked_for_beside_the_flow(tmp_path, monkeypatch):
    save(tmp_path, (6,))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert call("plan", flow(tmp_path, MLP, FIT)).models["model"].inputs[0].shape[1:] == (6,)
    save(tmp_path / "elsewhere", (7,))
    assert call("plan", flow(tmp_path, MLP, FIT)).models["model"].inputs[0].shape[1:] == (6,)


REFUSED = {
    "vectors into convolutions": ((490,), CNN, FIT, {}, "takes items of [channels, height, width], these are [490]"),
    "series into a resnet": ((2, 30), '[model]\nzoo = "resnet20"\n', FIT, {}, "shape = [1, 2, 30] in [data]"),
    "mirrored vectors": ((6,), MLP, FIT + 'augment = "crop-flip"\n', {}, "option 'augment': is 'crop-flip'"),
    "one mean too many": ((6,), MLP, FIT, {"normalise": "{ mean = [1.0, 2.0] }"}, "have 6 channels"),
    "an unknown normalisation": ((6,), MLP, FIT, {"normalise": '"minmax"'}, "unit, standard, none or table"),
    "a shape of more values": ((6,), MLP, FIT, {"shape": "[2, 4]"}, "as many values as shape = [2, 4] has"),
    "too many classes": ((6,), MLP, FIT, {"classes": "1000000000000"}, "option 'classes'"),
    "too few classes": ((6,), MLP, FIT, {"classes": "2"}, "a training label is 2"),
    "a single item to train on": ((6,), MLP, FIT, {"limit": "1"}, "there are 1 training items"),
    "no data": ((6,), MLP, FIT, {"path": '"absent.npz"'}, "No such file"),
    "a path with NUL": ((6,), MLP, FIT, {"path": '"a\\u0000b"'}, "key 'data.path': has the character U+0000"),
    "a long path": ((6,), MLP, FIT, {"path": f'"{"x" * 5000}"'}, "data npz"),
    "another task": ((6,), MLP, FIT, {"task": '"labels"'}, "1 where a label holds"),
}


@pytest.mark.parametrize(("shape", "model", "steps", "data", "part"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("command", ["plan", "run"])
def test_what_does_not_fit_is_refused_in_the_plan(command, shape, model, steps, data, part, tmp_path):
    save(tmp_path, shape)
    start = time.monotonic()
    with pytest.raises(DrawplateError) as caught:
        call(command, flow(tmp_path, model, steps, **data))
    assert caught.value.exit_code == 2
    assert part in caught.value.message
    assert time.monotonic() - start < 20


def test_a_model_of_another_shape_says_how_the_data_can_have_it(tmp_path):
    from drawplate.model_file import write_bytes
    from drawplate.zoo import build_model

    save(tmp_path, (490,))
    (tmp_path / "m.onnx").write_bytes(
        write_bytes(build_model("flexstudent", {"conv_layers": 1, "channels": [2]}, shape=MFCC, classes=3, seed=0))
    )
    with pytest.raises(DrawplateError, match=r"say shape = \[1, 49, 10\] in \[data\]"):
        call("plan", flow(tmp_path, '[model]\nonnx = "m.onnx"\n', FIT))
    call("plan", flow(tmp_path, '[model]\nonnx = "m.onnx"\n', FIT, shape="[1, 49, 10]"))


def test_the_schema_of_a_flow_knows_the_ways_to_normalise():
    from drawplate.data import DataOptions
    from drawplate.options import json_schema

    normalise = json_schema(DataOptions)["properties"]["normalise"]
    assert {"enum": ["unit", "standard", "none"]} in normalise["anyOf"]
    assert any("mean" in each.get("properties", {}) for each in normalise["anyOf"])


def test_a_plan_says_what_the_data_are(tmp_path):
    save(tmp_path, MFCC)
    plan = call("plan", flow(tmp_path, MLP, FIT, normalise='"standard"', shuffle="false"))
    assert plan.data[0].startswith(
        "npz: 1x49x10 of float32, classification, 3 classes; 75 training, 15 validation, 30 test items; "
        "fed (x - mean) / std, from -"
    )
    save(tmp_path, (6,), "uint8")
    with np.load(tmp_path / "own.npz") as arrays:
        x = arrays["x_train"]
    save(tmp_path, (6,), x_train=x, x_test=x[:30])
    plan = call("plan", flow(tmp_path, MLP, FIT))
    assert plan.data[0].endswith("fed x / 255, from 0 to 1")
    assert any("of 30 test items are training items too" in line for line in plan.data)
