# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate.errors import FlowError
from drawplate.flow import read_flow

GOOD = """
title = "two steps"
[model]
zoo = "mlp"
hidden = [16]
[models.teacher]
onnx = "teacher.onnx"
[data]
name = "digits"
[[step]]
use = "fit"
epochs = 3
[[step]]
use = "distill"
name = "student"
on = "model"
teachers = ["teacher", "fit", "file:other.onnx"]
"""


@pytest.fixture
def flow_file(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(GOOD)
    return path


def test_reads_what_it_says(flow_file):
    flow = read_flow(flow_file)
    assert flow.models["model"].arguments == {"hidden": [16]}
    assert [step.name for step in flow.steps] == ["fit", "student"]
    assert flow.steps[1].teachers == ("teacher", "fit", "file:other.onnx")
    assert flow.steps[0].options == {"epochs": 3}


def test_overrides_change_the_run(flow_file):
    flow = read_flow(flow_file, ["fit.epochs=5", "data.name=mnist", "model.hidden=[8, 8]", "student.alpha=0.5"], seed=3)
    assert flow.steps[0].options == {"epochs": 5}
    assert flow.data == {"name": "mnist"}
    assert flow.models["model"].arguments == {"hidden": [8, 8]}
    assert flow.steps[1].options == {"alpha": 0.5}
    assert flow.seed == 3
    assert flow.run_id != read_flow(flow_file).run_id


SEARCH = """
[[step]]
use = "evolve"
candidate = [{use = "distill", epochs = 9}, {use = "ort", name = "host"}]
"""


def test_overrides_reach_the_steps_of_candidates(flow_file):
    flow_file.write_text(GOOD + SEARCH)
    flow = read_flow(flow_file, ["evolve.distill.epochs=5", "evolve.host.runs=2", "evolve.genes.width=[1, 2]"])
    assert flow.steps[2].options == {
        "candidate": [{"use": "distill", "epochs": 5}, {"use": "ort", "name": "host", "runs": 2}],
        "genes": {"width": [1, 2]},
    }
    with pytest.raises(FlowError, match=r"(?s)no step 'distill' to set.*evolve\.distill, fit"):
        read_flow(flow_file, ["distill.epochs=5"])


MISTAKES = {
    'has no "use"': (GOOD + "[[step]]\nname = 'x'\n", "has no 'use'"),
    "no model": ("[[step]]\nuse = 'fit'", r"has no \[model\]"),
    "no step": ("[model]\nzoo = 'mlp'", r"has no \[\[step\]\]"),
    "two sources": ("[model]\nzoo = 'mlp'\nonnx = 'a'\n[[step]]\nuse = 'fit'", "has onnx and zoo"),
    "unknown key": ("modell = 1\n" + GOOD, r"(?s)unknown key 'modell'.*did you mean: model\?"),
    "not TOML": (GOOD + "[[step", "is not TOML: .+"),
    "name taken": (GOOD + "[[step]]\nuse = 'fit'", "the name 'fit' is taken"),
    "later step": (GOOD.replace('"fit", ', '"later", '), "no model or earlier step 'later'"),
    "wrong on": (GOOD.replace('on = "model"', 'on = "modle"'), r"did you mean: model\?"),
    "seed": ("seed = 'a'\n" + GOOD, "allowed: an integer"),
    "teachers": (GOOD.replace('["teacher", "fit", "file:other.onnx"]', '"teacher"'), "a list of strings"),
    "for_each": (GOOD + "[[step]]\nuse = 'ort'\nfor_each = 'all'", "allowed: front"),
    "step table": (GOOD + "\n", None),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_one_message(flow_file, name):
    text, said = MISTAKES[name]
    flow_file.write_text(text)
    if said is None:
        read_flow(flow_file)
        return
    with pytest.raises(FlowError, match=said) as raised:
        read_flow(flow_file)
    assert "my.toml" in str(raised.value)


def test_bytes_that_are_no_text(flow_file):
    flow_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FlowError, match="UTF-8"):
        read_flow(flow_file)


def test_an_absent_file_is_named_with_its_neighbour(flow_file):
    with pytest.raises(FlowError, match=r"my\.toml"):
        read_flow(flow_file.with_name("mi.toml"))


@pytest.mark.parametrize(
    ("override", "said"),
    [("epochs=3", "not understood"), ("fit.epochs", "not understood"), ("fitt.epochs=3", r"did you mean: fit\?")],
)
def test_wrong_overrides(flow_file, override, said):
    with pytest.raises(FlowError, match=said):
        read_flow(flow_file, [override])
