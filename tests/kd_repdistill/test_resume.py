# SPDX-License-Identifier: Apache-2.0
"""A run killed within a method's own stage, and again in the main one, ends with the same bytes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

SCRIPT = """
import json, os, signal, sys
from pathlib import Path
from drawplate.artifact import Form
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.torch.loop import checkpoint
from drawplate.zoo import build_model
from drawplate_kd_repdistill.objective import Distillation

folder, method, teacher_channels = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
TABLE = {"crd": {"negatives": 8, "width": 8}} | {name: {"pretrain_epochs": 2} for name in ("factor", "abound", "fsp")}
original = Distillation.loss
checkpoint.EVERY = 0.0  # after each epoch

def train(store, last_call):
    # Returns digest and number of steps, unless it kills itself before a step.
    calls = 0
    def loss(self, *arguments):
        nonlocal calls
        calls += 1
        if calls == last_call:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, *arguments)

    Distillation.loss = loss
    runner = make_runner(store, data={"name": "digits", "limit": 160})

    def model(seed, channels):
        options = {"conv_layers": 2, "channels": (channels,), "neurons": 8}
        proto = build_model("flexstudent", options, shape=runner.dataset().shape, classes=10, seed=seed)
        return runner.session.store.put_model(proto, Form.FLOAT, ())

    options = {"method": {name: TABLE.get(name, {}) for name in method.split("+")}, "epochs": 3, "batch": 32}
    options |= {"augment": "crop", "optimizer": "sgd", "lr": 0.02}
    teachers = (model(1, teacher_channels),)
    request = Request(step="distill", subject=model(0, 4), teachers=teachers, options=options, seed=3)
    return [runner.run(request).artifact.digest, calls]

def process(store, last_call):
    # A process of its own, which shares nothing with the others but the folder of its store.
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, json.dumps(train(folder / store, last_call)).encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as pipe:
        answer = pipe.read()
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), *json.loads(answer or "[]")]

runs = [process("whole", 0), *(process("killed", int(call)) for call in (*sys.argv[4:], 0))]
print(json.dumps(runs))
"""

STEPS, OWN, MAIN = 5, 2, 3
"""Steps of an epoch, epochs of a method's own stage and of the main one."""


@pytest.mark.parametrize(
    ("method", "channels", "kills"),
    [
        # Within the second epoch of the paraphraser's stage; then, one epoch done before, in the first of the main
        # stage; then in its second, when the memories have moved.
        ("factor+crd", 6, (8, 9, 8)),
        # In the first epoch of the student's own stage, in the second, and in the main stage.
        ("fsp", 4, (3, 8, 12)),
        pytest.param("abound+kd", 6, (3, 8, 12), marks=pytest.mark.slow),
    ],
)
def test_killed_again_and_again_ends_with_the_same_bytes(tmp_path, method, channels, kills):
    arguments = [str(tmp_path), method, str(channels), *map(str, kills)]
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True)
    whole, *killed, resumed = json.loads(done.stdout.splitlines()[-1])
    assert [code for code, *_ in killed] == [-signal.SIGKILL] * len(kills)
    code, digest, steps = whole
    assert (code, steps) == (0, STEPS * (OWN + MAIN))
    code, again, rest = resumed
    assert (code, again) == (0, digest)
    assert rest == steps - STEPS * finished_epochs(kills)


def finished_epochs(kills: tuple[int, ...]) -> int:
    """Return how many epochs were finished, each once, by runs that died before these steps of theirs."""
    return sum((call - 1) // STEPS for call in kills)
