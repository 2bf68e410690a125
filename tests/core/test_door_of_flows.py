# SPDX-License-Identifier: Apache-2.0
"""What comes in by a flow is small, shallow and plain, and refused in one message within seconds."""

import os
import subprocess
import sys
import time

import pytest

from drawplate.errors import DrawplateError, FlowError, ModelError
from drawplate.flow import read_flow
from drawplate.flow.read import refuse_code
from drawplate.model_file import read_model

FLOW = '[model]\nzoo = "mlp"\n[data]\nname = "digits"\n[[step]]\nuse = "fit"\n'
HOSTILE = {
    "key 200,000 deep": (".".join("a" * 200_000) + "=1", "at most"),
    "key 100,000 deep": (".".join("a" * 100_000) + "=1", "too deep"),
    "quoted key 60 deep": ('title = "x"\n' + ".".join(['"a"'] * 60) + "=1", "too deep.*|line 2"),
    "table 1,000 deep": ("[" + ".".join("a" * 1000) + "]\nx=1", "too deep"),
    "lists 900 deep": ("x = " + "[" * 900 + "]" * 900, "not TOML|too deep"),
    "lists 40 deep": ("title = " + "[" * 40 + "]" * 40, "too deep"),
    "huge": (FLOW + "# " + "x" * 10**6, "at most"),
    "3,000 steps": (FLOW + '[[step]]\nuse = "fit"\n' * 3000, "at most 500|is taken"),
    "date": ("day = 1979-05-27\n" + FLOW, "is a date"),
    "time in a step": (FLOW + "epochs = 07:32:00\n", "is a time"),
    "NUL": (FLOW + 'name = "a\\u0000b"\n', r"U\+0000"),
    "escape in a title": ('title = "\\u001b[31m"\n' + FLOW, r"U\+001B"),
    "escape in a key": ('"\\u001b[31m" = 1\n' + FLOW, r"U\+001B"),
    "nan": (FLOW + "lr = nan\n", "finite"),
    "infinity": (FLOW + "lr = inf\n", "finite"),
    "large integer": (FLOW + "epochs = 99999999999999999999\n", "64 bits"),
    "seed -1": ("seed = -1\n" + FLOW, "0 to 4294967295"),
    "seed 2**32": ("seed = 4294967296\n" + FLOW, "0 to 4294967295"),
    "script": (FLOW + "name = '<script>alert(1)</script>'\n", "no name"),
    "quotes": (FLOW + "name = '\" onmouseover=\"alert(1)'\n", "no name"),
    "path": (FLOW + "name = '../../../escape'\n", "no name"),
    "dots": (FLOW + "name = 'a..b'\n", "no name"),
    "long name": (FLOW + f"name = '{'x' * 300}'\n", "no name"),
    "model name": (FLOW + "[models.'../x']\nzoo = 'mlp'\n", "no name"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_flow_is_one_message_at_once(tmp_path, kind):
    text, said = HOSTILE[kind]
    path = tmp_path / "f.toml"
    path.write_text(text)
    started = time.monotonic()
    with pytest.raises(FlowError, match=f"(?s){said}") as raised:
        read_flow(path)
    assert time.monotonic() - started < 5
    assert len(raised.value.message) < 2000


@pytest.mark.parametrize("override", ["fit.epochs=1979-05-27", "fit.lr=nan", "seed=-1", "model.a.b.c.d.e.f=\x1b"])
def test_overrides_come_through_the_same_door(tmp_path, override):
    (tmp_path / "f.toml").write_text(FLOW)
    with pytest.raises(FlowError):
        read_flow(tmp_path / "f.toml", [override])


@pytest.mark.parametrize("name", ["kd-std", "alone 2", "größe", "w4.a8", "a+b", "x_1"])
def test_a_usual_name_is_fine(tmp_path, name):
    (tmp_path / "f.toml").write_text(FLOW + f"name = '{name}'\n", encoding="utf-8")
    assert read_flow(tmp_path / "f.toml").steps[0].name == name


@pytest.fixture(params=["pipe", "device", "folder"])
def no_file(request, tmp_path):
    path = tmp_path / "no_file"
    {"pipe": lambda: os.mkfifo(path), "device": lambda: path.symlink_to("/dev/zero"), "folder": path.mkdir}[
        request.param
    ]()
    return path, request.param


@pytest.mark.parametrize("read", [read_flow, read_model])
def test_what_is_no_file_is_refused_without_waiting(no_file, read):
    path, kind = no_file
    with pytest.raises((FlowError, ModelError), match=f"it is a {kind}"):
        read(path)


def test_code_is_refused_where_none_is_wanted(tmp_path):
    (tmp_path / "f.toml").write_text(FLOW)
    (tmp_path / "g.toml").write_text(FLOW.replace('zoo = "mlp"', 'python = "mine:make"'))
    (tmp_path / "mine.py").write_text("open('ran', 'w')")
    refuse_code(read_flow(tmp_path / "f.toml"), ())
    with pytest.raises(DrawplateError, match=r"\[model\]: runs code: python = 'mine:make'"):
        refuse_code(read_flow(tmp_path / "g.toml"), ())
    with pytest.raises(DrawplateError, match="is code"):
        refuse_code(read_flow(tmp_path / "f.toml"), [tmp_path / "mine.py"])
    command = [sys.executable, "-m", "drawplate", "plan", "g.toml", "--no-code"]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 2
    assert not (tmp_path / "ran").exists()
