# SPDX-License-Identifier: Apache-2.0
"""What the command line says: messages that lead on, lists, completions, a first flow."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drawplate.artifact import Form
from drawplate.cli.app import app
from drawplate.errors import DrawplateError
from drawplate.flow.chain import chain_to
from drawplate.flow.expect import Work, duration, said
from drawplate.flow.read import flow_of
from drawplate.plugins import Plugins

HEAD = '[model]\nzoo = "mlp"\nhidden = [8]\nshape = [1, 8, 8]\nclasses = 10\n'


def invoke(*arguments, answers=None):
    return CliRunner().invoke(app, [*map(str, arguments)], input=answers)


def refused(text, tmp_path):
    (tmp_path / "f.toml").write_text(text)
    result = invoke("plan", tmp_path / "f.toml", "--store", tmp_path / "s")
    assert isinstance(result.exception, DrawplateError), result.output
    return result.exception.message


def test_a_step_that_gets_another_form_names_the_whole_way_to_its_own(tmp_path):
    message = refused(HEAD + '[[step]]\nuse = "fold"\n', tmp_path)
    assert "takes a dataflow model, but gets a float one" in message
    assert "put quantize, then lower before it" in message


def test_training_after_lowering_is_sent_before_it(tmp_path):
    steps = "".join(f'[[step]]\nuse = "{name}"\n' for name in ("quantize", "lower", "fit"))
    message = refused(HEAD + '[data]\nname = "digits"\nlimit = 100\n' + steps, tmp_path)
    assert 'put it before lower, or say on = "quantize"' in message


def test_the_way_is_the_shortest_there_is():
    cards = Plugins().steps()
    assert chain_to(Form.FLOAT, {Form.FLOAT}, cards) == ()
    assert chain_to(Form.QONNX, {Form.DATAFLOW}, cards) == ("lower",)
    assert chain_to(Form.DATAFLOW, {Form.FLOAT}, {}) is None


def test_an_unknown_step_is_told_the_steps_and_nothing_else(tmp_path):
    message = refused(HEAD + '[[step]]\nuse = "fitt"\n', tmp_path)
    allowed = message.partition("allowed: ")[2].splitlines()[0].split(", ")
    assert {"fit", "ort"} <= set(allowed)
    assert not {"zoo", "datasets"} & set(allowed)
    assert "did you mean: fit?" in message


def test_one_bracket_too_few_is_told(tmp_path):
    assert "write [[step]], with two brackets" in refused(HEAD + '[step]\nuse = "fit"\n', tmp_path)


def test_mistakes_in_a_model_are_told_without_data(tmp_path):
    assert "unknown option 'hiden'" in refused('[model]\nzoo = "mlp"\nhiden = [8]\n[[step]]\nuse = "fit"\n', tmp_path)
    (tmp_path / "net.py").write_text("def make(width):\n    raise ValueError(width)\n")
    text = '[model]\npython = "net:make"\nwidth = 7\n[[step]]\nuse = "fit"\n'
    assert "net:make raised ValueError: 7" in refused(text, tmp_path)


def test_a_sweep_says_what_there_is_to_do_and_for_how_long():
    work = Work(runs=64, steps={"quantize": 8, "fit": 64})
    assert work.seconds({"fit": 30.0}, 2) is None
    assert work.seconds({"fit": 30.0, "quantize": 1.0}, 2) == 964.0
    assert said(work, 964.0, 2) == "64 runs, 2 at a time; to compute: 8 quantize, 64 fit; about 16 min"
    assert "known when the first is done" in said(work, None, 2)
    assert said(Work(runs=0, steps={}), None, 2) == "all runs are in the store"
    assert [duration(seconds) for seconds in (0.2, 89, 600, 36_000)] == ["1 s", "89 s", "10 min", "10.0 h"]


def test_the_version_and_the_boards_are_told():
    assert invoke("--version").output.startswith("drawplate 0.")
    boards = json.loads(invoke("boards", "--json").output)
    assert {"pynq-z2"} <= {board["name"] for board in boards}
    assert "53,200" in invoke("boards").output


COMPLETED = {
    "steps": ("drawplate plugins qu", {"quantize"}),
    "options": ("drawplate run f.toml --set fit.ep", {"fit.epochs="}),
    "axes": ("drawplate sweep f.toml --over fit.ep", {"fit.epochs="}),
    "nothing": ("drawplate run absent.toml --set fit.ep", set()),
    "runs": ("drawplate show ", {"last"}),
}


@pytest.mark.parametrize(
    ("shell", "kind"), [*(("bash", kind) for kind in COMPLETED), ("zsh", "options"), ("fish", "steps")]
)
def test_shells_complete(kind, shell, tmp_path):
    line, wanted = COMPLETED[kind]
    (tmp_path / "f.toml").write_text(HEAD + '[[step]]\nuse = "fit"\n')
    environment = {
        **os.environ,
        "_DRAWPLATE_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line if shell == "bash" else "",
        "COMP_CWORD": str(len(line.split(" ")) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    program = "import sys; sys.argv = ['drawplate']; from drawplate.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    words = set(done.stdout.replace('"', " ").replace("(", " ").replace(")", " ").split()) - {
        "_arguments",
        "'*:",
        ":",
        "'",
    }
    assert words - {"_files"} == wanted, done.stderr


def test_three_answers_make_a_flow_that_plans(tmp_path):
    path = tmp_path / "my" / "flow.toml"
    result = invoke("init", "-o", path, "--store", tmp_path / "s", answers="mpl\nmlp\ndigits\nort\n")
    assert result.exit_code == 0, result.output
    assert "checked: fit -> ort" in result.output
    assert [step["use"] for step in tomllib.loads(path.read_text())["step"]] == ["fit", "ort"]
    again = invoke("init", "-o", path)
    assert "is there already" in again.exception.message


def test_a_flow_for_an_fpga_goes_all_the_way(tmp_path):
    path = tmp_path / "flow.toml"
    options = ("--model", "mlp", "--data", "digits", "--target", "z7020", "--store", tmp_path / "s")
    assert invoke("init", "-o", path, *options).exit_code == 0
    steps = [step.name for step in flow_of(tomllib.loads(path.read_text()), path).steps]
    assert steps == ["quantize", "fit", "ort", "lower", "fold", "z7020"]


def test_a_file_of_ones_own_is_named_from_the_flows_folder(tmp_path, tiny_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ("--model", tiny_file.name, "--data", "digits", "--target", "ort", "--store", "s")
    assert invoke("init", "-o", "sub/flow.toml", *options).exit_code == 0
    assert tomllib.loads(Path("sub/flow.toml").read_text())["model"] == {"onnx": "../tiny.onnx"}


def test_nobody_who_answers_is_told_the_options(tmp_path):
    result = invoke("init", "-o", tmp_path / "f.toml", answers="")
    assert "say --model, --data and --target" in result.exception.message
    assert not (tmp_path / "f.toml").exists()
