# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import subprocess
import sys

import pytest

HEAVY = ("torch", "onnxruntime", "brevitas", "openvino", "onnx", "numpy", "platypus", "ray", "plotly", "sklearn")


def drawplate(*arguments, cwd=None):
    command = [sys.executable, "-m", "drawplate", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name != "DRAWPLATE_STORE"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)


def loaded(arguments):
    program = (
        f"import sys; sys.argv = ['drawplate', *{arguments!r}]\n"
        "try:\n    from drawplate.cli import main; main()\nexcept SystemExit: pass\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.rpartition("LOADED")[2].split()


def test_help_loads_no_framework():
    assert loaded(["--help"]) == []


def test_listing_plugins_loads_no_framework():
    assert set(loaded(["plugins"])) <= {"numpy"}


def test_plugins_lists_steps_and_options():
    rows = json.loads(drawplate("plugins", "--json").stdout)
    assert {"fit", "ort"} <= {row["step"] for row in rows}
    assert "epochs" in json.loads(drawplate("plugins", "fit", "--json").stdout)["train"]["properties"]
    assert "epochs" in drawplate("plugins", "fit").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "absent.toml"], "absent.toml"),
        (["run"], "flow"),
        (["rnu"], "rnu"),
        (["plugins", "fti"], "did you mean: fit?"),
        (["show", "nothing"], "there is no run"),
        (["report", "nothing"], "there is no run"),
        (["new", "tarpit", "x"], "did you mean: target?"),
        (["new", "target", "my-chip"], "cannot be a step's name"),
        (["plan", "f.toml", "--plugin", "absent.py"], "absent.py"),
        (["plan", "f.toml", "--set", "nonsense"], "not understood"),
        (["sweep", "f.toml", "--over", "fit.lr"], "not understood"),
        (["sweep", "f.toml", "--over", "fit.epochs=3..1"], "empty range"),
        (["plan", "f.toml", "--set", "data.name=digitz"], "did you mean: digits?"),
        (["plan", "f.toml", "--set", "model.zoo=mpl"], "did you mean: mlp?"),
        (["plan", "f.toml", "--set", "fit.epochs=0"], "at least 1"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(tmp_path, arguments, said):
    (tmp_path / "f.toml").write_text('[model]\nzoo = "mlp"\n[data]\nname = "digits"\n[[step]]\nuse = "fit"\n')
    done = drawplate(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr + done.stdout


def test_a_run_can_be_shown_reported_and_swept(tmp_path):
    (tmp_path / "f.toml").write_text(
        '[model]\nzoo = "mlp"\nhidden = [8]\n[data]\nname = "digits"\nlimit = 100\n[[step]]\nuse = "fit"\nepochs = 2\n'
    )
    done = drawplate("run", "f.toml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "done"
    assert [row["id"] for row in json.loads(drawplate("show", "--json", cwd=tmp_path).stdout)] == [record["id"]]
    assert record["id"] in drawplate("show", "last", cwd=tmp_path).stdout
    assert drawplate("report", "f-", "-o", "r.html", cwd=tmp_path).returncode == 0
    page = (tmp_path / "r.html").read_text()
    assert record["id"] in page
    assert "val_top1" in page
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page)
    sweep = drawplate("sweep", "f.toml", "--over", "fit.epochs=1..2", "--over", "seed=0,1", "--json", cwd=tmp_path)
    assert sweep.returncode == 0, sweep.stderr
    cells = json.loads(sweep.stdout)["cells"]
    assert [cell["values"] for cell in cells] == [[1, 0], [1, 1], [2, 0], [2, 1]]
    assert all(cell["error"] is None for cell in cells)
    assert (
        "fit.epochs"
        in drawplate("report", "sweep", "-o", "s.html", cwd=tmp_path).stdout + (tmp_path / "s.html").read_text()
    )
    assert drawplate("show", "sweep", "--markdown", cwd=tmp_path).stdout.startswith("| fit.epochs | fit.val_top1 (%) |")
    assert "| fit.epochs | seed | step |" in drawplate("show", "sweep", "--markdown", "--each", cwd=tmp_path).stdout
    runs = [cell["run"] for cell in cells[:2]]
    assert json.loads(drawplate("compare", *runs, "--json", cwd=tmp_path).stdout)["runs"] == runs
    assert drawplate("compare", runs[0], cwd=tmp_path).returncode == 2
    before = {path.name for path in (tmp_path / ".drawplate" / "objects").rglob("*.onnx")}
    (tmp_path / ".drawplate" / "objects" / "00").mkdir(exist_ok=True)
    (tmp_path / ".drawplate" / "objects" / "00" / "stray.onnx").write_text("x")
    assert json.loads(drawplate("gc", "--json", cwd=tmp_path).stdout)["files"] >= 1
    after = {path.name for path in (tmp_path / ".drawplate" / "objects").rglob("*.onnx")}
    assert "stray.onnx" not in after
    assert record["steps"][0]["outcomes"][0]["artifact"]["digest"] + ".onnx" in after & before


def test_schema_accepts_a_flow_and_refuses_a_typo(tmp_path):
    import jsonschema

    schema = json.loads(drawplate("schema").stdout)
    flow = {"model": {"zoo": "mlp", "hidden": [8]}, "data": {"name": "digits"}, "step": [{"use": "fit", "epochs": 3}]}
    jsonschema.validate(flow, schema)
    flow["step"][0]["epoch"] = 3
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(flow, schema)
