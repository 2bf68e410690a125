# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C at a random moment of every command: it ends within seconds, with 130 or what it had to say, in one line."""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from attacks import Tally
from attacks.kills import ORT, PLUGIN, SEARCH, SWEEP
from attacks.mutants import FIT
from attacks.processes import Command

COMMANDS = (
    ("run", "fit.toml"),
    SWEEP,
    ("run", "search.toml", "--workers", "2", "--plugin", "mine.py"),
    ("plan", "search.toml", "--plugin", "mine.py"),
    ("show",),
    ("compare", "last", "last"),
    ("report", "last"),
    ("plugins",),
    ("doctor",),
    ("check", "ort"),
    ("new", "target", "chip"),
    ("schema",),
    ("gc",),
    ("demo",),
)
ENDS = 12.0
"""Seconds in which a command has to have ended."""


def interrupts(count: int, seed: int) -> Tally:
    """Interrupt the process group, as a terminal does."""
    tally, choose = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fit.toml").write_text(FIT)
        (folder / "ort.toml").write_text(ORT)
        (folder / "search.toml").write_text(SEARCH)
        (folder / "mine.py").write_text(PLUGIN)
        code, said, _ = Command(("run", "fit.toml"), folder, {"DRAWPLATE_STORE": str(folder / "kept")}).run()
        assert code == 0, said
        for number in range(count):
            line = COMMANDS[number % len(COMMANDS)]
            quick = line[0] not in ("run", "sweep", "check", "demo", "plan")
            store = "kept" if quick else f"store-{number}"
            command = Command(line, folder, {"DRAWPLATE_STORE": str(folder / store)})
            _once(command, choose.uniform(0, 1.5 if quick else 8.0), tally, " ".join(line))
    return tally


def _once(command: Command, after: float, tally: Tally, name: str) -> None:
    tally.tried += 1
    command.start()
    assert command.process is not None
    while not _hears(command.process.pid) and command.process.poll() is None:
        time.sleep(0.005)
    in_time = command.ended_within(after)
    if not in_time:
        os.killpg(command.process.pid, signal.SIGINT)
    started = time.monotonic()
    if not command.ended_within(ENDS):
        tally.hangs += 1
        sys.stderr.write(f"{name}: still there {ENDS} s after a Ctrl-C\n")
        command.clean()
    tally.slowest = max(tally.slowest, time.monotonic() - started)
    _, said = command.process.communicate()
    orphans = command.left_over()
    tally.orphans += len(orphans)
    if "Traceback" in said:
        tally.tracebacks += 1
        sys.stderr.write(f"{name}, after {after:.2f} s: {said[-600:]}\n")
    # Python that is being put away is ended by the signal itself, which to a shell is 130 too.
    elif command.process.returncode in ((0, 2) if in_time else (0, 2, 130, -signal.SIGINT)):
        tally.fine += 1
    else:
        tally.lost(name, f"exit code {command.process.returncode}: {said[-300:]}")
    command.clean()


def _hears(number: int) -> bool:
    """Whether a process has begun to handle SIGTERM: before, it is Python itself that is interrupted."""
    for line in Path(f"/proc/{number}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return True
