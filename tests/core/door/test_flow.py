# SPDX-License-Identifier: Apache-2.0
"""The door in a flow: keys of [model], and what plan, run and report say."""

import io
import json

import numpy as np
import onnx
import pytest
from rich.console import Console
from tests.core.door.texts import model

from drawplate.errors import DrawplateError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.run import run_flow
from drawplate.report.record import typed
from drawplate.report.terminal import plan_record, plan_text, run_tables
from drawplate.testing import make_runner

ORT = '[[step]]\nuse = "ort"\nruns = 1\nwarmup = 0\nbatch = 2\n'
WEIGHTS = {"w": (192, 4), "b": (4,)}


@pytest.fixture
def flow(tmp_path):
    def write(proto, keys="", more=""):
        onnx.save(proto, tmp_path / "given.onnx")
        (tmp_path / "my.toml").write_text(f'[model]\nonnx = "given.onnx"\n{keys}\n{more}{ORT}')
        return read_flow(tmp_path / "my.toml")

    return write


def shown(what):
    console = Console(file=io.StringIO(), width=200)
    for part in what:
        console.print(part)
    return console.file.getvalue()


def test_plan_record_and_report_say_what_was_changed(flow, tmp_path):
    parsed = flow(model("f = Flatten(x) l = Gemm(f, w, b) y = Softmax(l)", **WEIGHTS))
    runner = make_runner(tmp_path)
    said = "Softmax at the end ('y') left to the host: the output is 'l'"
    plan = make_plan(parsed, runner)
    assert plan.changes["model"][0] == said
    assert said in shown([plan_text(plan)])
    assert plan_record(plan)["changed"]["model"][0] == said
    result = run_flow(parsed, runner)
    record = json.loads((result.folder / "run.json").read_text())
    assert record["models"]["model"]["changed"][0] == said
    assert said in shown(run_tables(typed(record)))
    build = result.steps["ort"].outcome.build
    whole, network = (onnx.load(build.path(name)) for name in ("model.onnx", "network.onnx"))
    assert [value.name for value in whole.graph.output] == ["y"]
    assert [value.name for value in network.graph.output] == ["l"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('output = ["y"]', r"(?s)unknown key 'output'.*did you mean: outputs"),
        ("outputs = 3", "outputs = 3"),
        ('outputs = ["nowhere"]', r"no output 'nowhere'"),
        ('outputs = ["y", "y"]', r"names 'y' twice"),
        ('shape = "3x8x8"', "shape = '3x8x8'"),
        ("shape = [5, 8, 8]", r"(?s)shape = \[5, 8, 8\].*fixed"),
    ],
)
def test_keys_of_a_file_are_checked(flow, tmp_path, keys, message):
    parsed = flow(model("f = Flatten(x) y = Gemm(f, w, b)", **WEIGHTS), keys)
    with pytest.raises(DrawplateError, match=message):
        make_plan(parsed, make_runner(tmp_path))


def test_a_teacher_from_a_file_comes_through_the_same_door(flow, tmp_path):
    proto = model(
        "f = Flatten(x) l = Gemm(f, w, b) y = Softmax(l)",
        given="float[N,1,8,8] x",
        out="float[N,10] y",
        w=(64, 10),
        b=(10,),
    )
    parsed = flow(
        proto,
        more='[data]\nname = "digits"\nlimit = 100\n'
        '[[step]]\nuse = "distill"\nepochs = 1\nteachers = ["file:given.onnx"]\n',
    )
    plan = make_plan(parsed, make_runner(tmp_path, data=parsed.data))
    assert set(plan.changes) == {"model", "file:given.onnx"}


DIGITS = '[data]\nname = "digits"\ntest_limit = 20\nlimit = 20\n'
FIT = '[[step]]\nuse = "fit"\nepochs = 1\n'
SMALL = {"given": "float[N,1,8,8] x", "out": "float[N,10] y", "w": (64, 10), "b": (10,)}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("f = Flatten(x) l = Gemm(f, w, b) y = Softmax<axis=0>(l)", r"\[model\], layer 'y' \(Softmax\): gives an item"),
        ("f = Flatten(x) l = Gemm(f, w, b) r = Sigmoid(l) y = Round(r)", "no gradient reaches any of its weights"),
        ("f = Flatten(x) l = Gemm(f, w, b) s = Softmax(l) y = Clip(s)", "ends in probabilities that no Softmax makes"),
        ("f = Flatten(x) l = Gemm(f, w, b) n = Neg(l) a = Abs(n) m = Sub(n, a) y = Log(m)", "what is no number"),
        (
            "f = Flatten(x) i = Constant<value_ints=[0,1,2,3,4,5,6,7,8,9]>() y = Gather<axis=1>(f, i)",
            "nothing to train",
        ),
    ],
)
def test_what_the_first_step_of_training_would_stumble_over_is_refused_in_the_plan(flow, tmp_path, body, message):
    parsed = flow(model(body, **SMALL), more=DIGITS + FIT)
    with pytest.raises(DrawplateError, match=message):
        make_plan(parsed, make_runner(tmp_path, data=parsed.data))


def test_weights_that_are_no_numbers_are_named(flow, tmp_path):
    proto = model("f = Flatten(x) y = Gemm(f, w, b)", **(SMALL | {"b": np.full(10, np.nan, np.float32)}))
    parsed = flow(proto, more=DIGITS + FIT)
    with pytest.raises(DrawplateError, match="value 'b': gives what is no number"):
        make_plan(parsed, make_runner(tmp_path, data=parsed.data))


def test_fit_with_teachers_is_refused_in_the_plan(flow, tmp_path):
    parsed = flow(
        model("f = Flatten(x) y = Gemm(f, w, b)", **SMALL),
        more=DIGITS + FIT.replace("\nep", '\nteachers = ["model"]\nep'),
    )
    with pytest.raises(DrawplateError, match="takes no teachers"):
        make_plan(parsed, make_runner(tmp_path, data=parsed.data))
