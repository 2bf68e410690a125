# SPDX-License-Identifier: Apache-2.0
"""A run killed within a method's own stage, and again in the main one, ends with the same bytes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, signal, sys
from pathlib import Path
from drawplate.artifact import Form
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model
from drawplate_kd_repdistill.objective import Distillation

folder, method, last_call = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
original, calls = Distillation.loss, 0

def loss(self, *arguments):
    global calls
    calls += 1
    if calls == last_call:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, *arguments)

Distillation.loss = loss
runner = make_runner(folder, data={"name": "digits", "limit": 160})

def model(seed, channels):
    options = {"conv_layers": 2, "channels": (channels,), "neurons": 8}
    proto = build_model("flexstudent", options, shape=runner.dataset().shape, classes=10, seed=seed)
    return runner.session.store.put_model(proto, Form.FLOAT, ())

table = {"factor": {"pretrain_epochs": 2}, "crd": {"negatives": 8, "width": 8}, "abound": {"pretrain_epochs": 2}}
options = {"method": {name: table.get(name, {}) for name in method.split("+")}, "epochs": 3, "batch": 32}
options |= {"augment": "crop", "optimizer": "sgd", "lr": 0.02}
request = Request(step="distill", subject=model(0, 4), teachers=(model(1, 6),), options=options, seed=3)
print(runner.run(request).artifact.digest, calls)
"""


def run(folder: Path, method: str, last_call: int = 0) -> tuple[int, str, int]:
    """Return the exit code, the digest and how many steps were made."""
    command = [sys.executable, "-c", SCRIPT, str(folder), method, str(last_call)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    digest, calls = done.stdout.split() if done.returncode == 0 else ("", "0")
    return done.returncode, digest, int(calls)


@pytest.mark.parametrize(
    ("method", "kills"),
    [
        ("factor+crd", (8, 9)),  # within the second epoch of the paraphraser's stage, then of the main stage
        # within the first epoch, then, having begun again, within the main stage
        pytest.param("abound+kd", (3, 14), marks=pytest.mark.slow),
    ],
)
def test_killed_twice_ends_with_the_same_bytes(tmp_path, method, kills):
    code, whole, steps = run(tmp_path / "whole", method)
    assert (code, steps) == (0, 25)  # five steps an epoch, two epochs before and three in the main stage
    for call in kills:
        code, _, _ = run(tmp_path / "killed", method, call)
        assert code == -signal.SIGKILL
    code, resumed, rest = run(tmp_path / "killed", method)
    assert (code, resumed) == (0, whole)
    assert rest < steps
