# SPDX-License-Identifier: GPL-3.0-or-later
"""A search killed at random moments ends with the front of the search that was left alone."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

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


CHANGES = (
    ("generations = 4", "generations = 4\nrepeats = 2"),
    ('use = "meter"', 'use = "coach"\nepochs = 9\n[[step.candidate]]\nuse = "meter"'),
)
"""Rungs, promotions, forecasts: all that a search has."""


@pytest.fixture
def command(tmp_path, meter, coach, write_flow):
    old, new = SLOWER
    assert old in meter.read_text()
    meter.write_text(meter.read_text().replace(old, new.replace("\n        ", "\n    ")))
    path = write_flow(*CHANGES).path
    return [
        *(sys.executable, "-m", "drawplate", "run", str(path), "--plugin", str(meter), "--plugin", str(coach)),
        *("--store", str(tmp_path / "store"), "--workers", "2", "--json"),
    ]


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_kills_at_random_moments(tmp_path, command, meter, coach, write_flow, kills):
    flow = write_flow(*CHANGES)
    run_flow(flow, make_runner(tmp_path / "unkilled", plugin_files=[meter, coach]))
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


@pytest.fixture
def cluster(tmp_path, monkeypatch, request):
    """Two machines' worth of Ray: a head with one core, and a second raylet with another."""
    pytest.importorskip("ray", reason="Ray is an extra")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ray = str(Path(sys.executable).with_name("ray"))
    common = ["--num-cpus=1", "--object-store-memory=80000000", "--block"]
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "a" * 64)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    heads = [
        [ray, "start", "--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir=/tmp/ray-{port}", *common],
        [ray, "start", f"--address=127.0.0.1:{port}", *common],
    ]
    if "hidden" in request.fixturenames:
        heads[1] = [*request.getfixturevalue("hidden"), *heads[1]]
    machines = []
    for head in heads:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        machines.append(subprocess.Popen(head, **quiet))
        time.sleep(10)
        assert machines[-1].poll() is None
    yield f"127.0.0.1:{port}", machines
    for machine in machines:
        for process in (*below(machine.pid), machine.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    shutil.rmtree(f"/tmp/ray-{port}", ignore_errors=True)


HIDDEN = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"']
"""Run a command with an empty folder over another one."""


@pytest.fixture
def hidden(tmp_path):
    """What hides the tests' folder from the second machine."""
    try:
        subprocess.run([*HIDDEN, str(tmp_path), "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting takes more rights")
    return [*HIDDEN, str(tmp_path)]


def below(root):
    """All processes below one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = parent(folder.name)
    found, more = [], [root]
    while more:
        more = [process for process, parent in parents.items() if parent in more]
        found += more
    return found


def parent(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def named(processes, word):
    found = []
    for process in processes:
        with contextlib.suppress(OSError):
            if word in Path(f"/proc/{process}/cmdline").read_bytes().decode():
                found.append(process)
    return found


def working(machine):
    """The raylet of a machine, and a worker that is in the middle of its work."""
    for _ in range(1000):
        for worker in named(below(machine.pid), "carry_out"):
            return parent(worker), worker
        time.sleep(0.01)
    raise AssertionError(below(machine.pid))


@pytest.mark.slow
def test_a_worker_a_machine_and_the_driver_are_killed(tmp_path, command, cluster, meter, coach, write_flow):
    address, machines = cluster
    command = [*command, "--executor", address]
    store = tmp_path / "store"
    flow = write_flow(*CHANGES)
    run_flow(flow, make_runner(tmp_path / "unkilled", plugin_files=[meter, coach]))
    log = (tmp_path / "log.txt").open("w+")

    def wait_for_more(process, count):
        wanted = evaluations(store) + count
        while evaluations(store) < wanted:
            assert process.poll() is None, Path(log.name).read_text()
            time.sleep(0.02)

    driver = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log)
    wait_for_more(driver, 2)
    raylet, worker = working(machines[1])
    os.kill(worker, signal.SIGKILL)
    wait_for_more(driver, 2)
    os.kill(raylet, signal.SIGKILL)
    wait_for_more(driver, 2)
    assert driver.poll() is None
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert front(tmp_path) == front(tmp_path / "unkilled")


@pytest.mark.slow
def test_a_machine_that_sees_no_store_is_refused_before_any_work(tmp_path, command, hidden, cluster):
    done = subprocess.run([*command, "--executor", cluster[0]], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"does not see the store's folder {tmp_path / 'store'}" in done.stderr
    assert f"does not see {tmp_path / 'meter.py'}" in done.stderr
    assert "next: every machine needs this drawplate" in done.stderr
    assert evaluations(tmp_path / "store") == 0
    assert not list((tmp_path / "store").glob(".seen*"))
