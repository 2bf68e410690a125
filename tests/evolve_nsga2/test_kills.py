# SPDX-License-Identifier: GPL-3.0-or-later
"""A search killed at random moments ends with the front of the search that was left alone."""

import json
import os
import random
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


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 7))])
def test_kills_at_random_moments(tmp_path, command, meter, write_flow, seed):
    flow = write_flow(("generations = 4", "generations = 5\nrepeats = 2"))
    run_flow(flow, make_runner(tmp_path / "unkilled", plugin_files=[meter]))
    choose, kills = random.Random(seed), 0
    while kills < (2 if seed == 1 else 3):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, start_new_session=True, **quiet)
        until = time.monotonic() + choose.uniform(3, 7)
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
    subprocess.run(command, check=True, capture_output=True)
    assert kills >= 1
    assert front(tmp_path) == front(tmp_path / "unkilled")
    assert not list((tmp_path / "store").glob("work/*/search.json"))
