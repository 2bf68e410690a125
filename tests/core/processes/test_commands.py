# SPDX-License-Identifier: Apache-2.0
"""Commands that work long: a Ctrl-C ends them with 130 within seconds, a kill leaves nothing that runs on."""

import os
import signal
import sys
import time

import pytest

FLOW = """
[model]
zoo = "mlp"
hidden = [16]
[data]
name = "digits"
[[step]]
use = "fit"
epochs = 10000
"""
TOOL_FLOW = """
[model]
zoo = "mlp"
hidden = [16]
[data]
name = "digits"
[[step]]
use = "slow"
"""
SEARCH = """
[model]
zoo = "flexstudent"
channels = [8]
neurons = 16
[data]
name = "digits"
[[step]]
use = "evolve"
space = "flexstudent"
population = 4
generations = 2
[[step.candidate]]
use = "fit"
epochs = 10000
[step.objectives]
error = "min"
params = "min"
"""
SLOW_TOOL = """
from drawplate import Card, Form, hookimpl
from drawplate.toolenv import HostTool
from pathlib import Path
from attrs import frozen

@frozen
class Options:
    pass

@hookimpl
def card():
    return Card(summary="", options={"compress": Options}, accepts={Form.FLOAT}, tools=("sleeper",))

@hookimpl
def tools():
    worker = Path(__file__).with_name("sleeper.py")
    return {"sleeper": HostTool(name="sleeper", summary="", package="numpy", worker=worker, hint="")}

@hookimpl
def compress(model, options, job):
    job.tool("sleeper").call("sleep")

@hookimpl
def preview(model, options, job):
    job.tool("sleeper").call("sleep")
"""
SLEEPER = """
import subprocess

def sleep():
    subprocess.run(["sleep", "300"])
"""


@pytest.fixture
def commands(family):
    """Command lines by name, each with what tells that it is in the middle of its work."""
    folder = family.folder
    (folder / "f.toml").write_text(FLOW)
    (folder / "tool.toml").write_text(TOOL_FLOW)
    (folder / "search.toml").write_text(SEARCH)
    (folder / "slow.py").write_text(SLOW_TOOL)
    (folder / "sleeper.py").write_text(SLEEPER)
    drawplate = [sys.executable, "-m", "drawplate"]
    search = [*drawplate, "run", "search.toml", "--store", "store"]
    sweep = [*drawplate, "sweep", "f.toml", "--store", "store", "--over", "seed=0..3"]
    return {
        "run": ([*drawplate, "run", "f.toml", "--store", "store"], "drawplate run"),
        "sweep": ([*sweep, "--workers", "2"], "from multiprocessing.spawn"),
        "plan": ([*drawplate, "plan", "tool.toml", "--store", "store", "--plugin", "slow.py"], "^sleep"),
        "evolve": ([*search, "--workers", "2"], "from multiprocessing.spawn"),
        "doctor": ([*drawplate, "doctor", "--fix"], r"/uv (venv|pip)"),
        "check": ([*drawplate, "check", "slow", "--plugin", "slow.py"], "^sleep"),
    }


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("evolve", "doctor", "check")]
WORKERS = {"sweep": 2, "evolve": 2}


@pytest.mark.parametrize("name", ["run", "sweep", "plan", *SLOW])
@pytest.mark.parametrize("whom", [pytest.param("alone", marks=pytest.mark.slow), "terminal"])
def test_a_ctrl_c_ends_a_command(family, commands, name, whom):
    command, sign = commands[name]
    process = family.start(command)
    family.wait_for(sign, count=WORKERS.get(name, 1))
    time.sleep(4 if name in {"run", *WORKERS} else 0.2)
    send = process.send_signal if whom == "alone" else lambda number: os.killpg(process.pid, number)
    send(signal.SIGINT)
    started = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert time.monotonic() - started < 12
    assert "Traceback" not in out + err
    assert family.orphans() == {}
    assert not list((family.folder / "tmp").iterdir())


@pytest.mark.parametrize("name", ["sweep", "plan", *SLOW])
def test_a_kill_leaves_nothing_that_runs_on(family, commands, name):
    command, sign = commands[name]
    process = family.start(command)
    family.wait_for(sign, count=WORKERS.get(name, 1))
    time.sleep(1)
    process.kill()
    process.wait()
    assert family.orphans() == {}
