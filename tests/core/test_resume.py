# SPDX-License-Identifier: Apache-2.0
"""A run killed at any moment goes on, and ends with the digests of the unkilled run."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

FLOW = """
[model]
zoo = "mlp"
hidden = [8]
[data]
name = "digits"
[[step]]
use = "fit"
epochs = 8
batch = 32
augment = "crop"
[[step]]
use = "fit"
name = "again"
epochs = 4
select = "last"
optimizer = "sgd"
"""


def command(folder):
    return [
        sys.executable,
        "-m",
        "drawplate",
        "run",
        str(folder / "f.toml"),
        "--store",
        str(folder / "store"),
        "--json",
    ]


def digests(folder):
    (run,) = (folder / "store" / "runs").iterdir()
    assert json.loads((run / "run.json").read_text())["status"] == "done"
    steps = [json.loads(path.read_text()) for path in sorted((run / "steps").iterdir())]
    return [(step["outcomes"][0]["artifact"]["digest"], step["outcomes"][0]["curves"]) for step in steps]


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unkilled")
    (folder / "f.toml").write_text(FLOW)
    started = time.monotonic()
    subprocess.run(command(folder), check=True, capture_output=True)
    return digests(folder), time.monotonic() - started


def kill_until_done(folder, seconds, seed):
    """Kill at a random moment, run again, until a run ends by itself.  Returns how often it was killed."""
    (folder / "f.toml").write_text(FLOW)
    choose = random.Random(seed)
    for kills in range(8):
        process = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=choose.uniform(0.3, 0.95) * seconds)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        else:
            assert process.returncode == 0
            return kills
    subprocess.run(command(folder), check=True, capture_output=True)
    return 8


def check(folder, unkilled, seed):
    expected, seconds = unkilled
    kills = kill_until_done(folder, seconds, seed)
    assert digests(folder) == expected
    assert not list((folder / "store").glob("work/*"))
    return kills


def test_killed_runs_resume_to_the_same_digests(tmp_path, unkilled):
    assert check(tmp_path, unkilled, seed=1) > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 21))
def test_twenty_killed_runs(tmp_path, unkilled, seed):
    check(tmp_path, unkilled, seed)


def test_two_runs_at_once_lose_nothing(tmp_path, unkilled):
    (tmp_path / "f.toml").write_text(FLOW)
    (tmp_path / "g.toml").write_text(FLOW + '[[step]]\nuse = "fit"\nname = "third"\nepochs = 1\n')
    other = [*command(tmp_path)]
    other[other.index(str(tmp_path / "f.toml"))] = str(tmp_path / "g.toml")
    both = [subprocess.Popen(line, stdout=subprocess.DEVNULL) for line in (command(tmp_path), other, command(tmp_path))]
    assert [process.wait() for process in both] == [0, 0, 0]
    first, second = sorted((tmp_path / "store" / "runs").iterdir())
    for run in (first, second):
        steps = [json.loads(path.read_text()) for path in sorted((run / "steps").iterdir())]
        assert [(s["outcomes"][0]["artifact"]["digest"], s["outcomes"][0]["curves"]) for s in steps[:2]] == unkilled[0]
