# SPDX-License-Identifier: GPL-3.0-or-later
"""A search killed at random moments ends with the front of the search that was left alone."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from drawplate.flow.run import run_flow
from drawplate.testing import make_runner

SLOWER = ("found = widths(subject)", "found = widths(subject)\n        __import__('time').sleep(0.1)")


def front(folder):
    (run,) = (folder / "store" / "runs").iterdir()
    assert json.loads((run / "run.json").read_text())["status"] == "done"
    (step,) = [json.loads(path.read_text()) for path in (run / "steps").iterdir()]
    (outcome,) = step["outcomes"]
    tables = outcome["tables"]
    rows = sorted(json.dumps({**row, "seconds": 0}) for rows in tables.values() for row in rows)
    return outcome["artifact"]["digest"], outcome["front"], rows


@pytest.fixture
def command(tmp_path, meter, write_flow):
    old, new = SLOWER
    assert old in meter.read_text()
    meter.write_text(meter.read_text().replace(old, new.replace("\n        ", "\n    ")))
    path = write_flow(("generations = 4", "generations = 5\nrepeats = 2")).path
    return [
        *(sys.executable, "-m", "drawplate", "run", str(path), "--plugin", str(meter)),
        *("--store", str(tmp_path / "store"), "--workers", "2", "--json"),
    ]


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_kills_at_random_moments(tmp_path, command, meter, write_flow, kills):
    flow = write_flow(("generations = 4", "generations = 5\nrepeats = 2"))
    run_flow(flow, make_runner(tmp_path / "unkilled", plugin_files=[meter]))
    choose, done = random.Random(kills), 0
    while done < kills:
        if killed(command, tmp_path / "store", choose):
            done += 1
        else:  # it ended before: begin anew
            assert front(tmp_path) == front(tmp_path / "unkilled")
            shutil.rmtree(tmp_path / "store")
    subprocess.run(command, check=True, capture_output=True)
    assert front(tmp_path) == front(tmp_path / "unkilled")
    assert not list((tmp_path / "store").glob("work/*/search.json"))


def killed(command, store, choose):
    """Run a search, kill all its processes a few candidates later, and say whether they were still at work."""
    wanted = evaluations(store) + choose.randrange(8)
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and evaluations(store) < wanted:
        time.sleep(0.01)
    time.sleep(choose.uniform(0, 0.5))
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def evaluations(store):
    return sum(path.read_text().count("\n") for path in store.glob("work/*/evaluations.jsonl"))
