# SPDX-License-Identifier: Apache-2.0
"""A compiled design, and sending codes through it clock by clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from attrs import define, frozen

from drawplate.errors import DrawplateError
from drawplate.processes import run
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.simulate.verilate import Variant, build
from drawplate_dataflow.simulate.words import chunks, from_words, to_words

STUCK = 3
"""Exit status of the harness when nothing moves any more."""
SECONDS = 4 * 3600.0
"""What a simulation may take."""


@frozen(kw_only=True)
class SimulationSettings:
    """How a simulation is run."""

    gates: bool = False
    """Gate-level model of every processing element and ROM."""
    trace: bool = False
    """Write ``trace.vcd`` in the work folder."""
    valid: int = 100
    """Per cent of clocks in which the input is offered."""
    ready: int = 100
    """Per cent of clocks in which the output is accepted."""
    seed: int = 1
    """Of the random clocks."""
    optimise: bool = True
    """Compile for speed; off compiles faster and runs slower."""
    folder: Path | None = None
    """Work folder, kept; None for a temporary one."""


@frozen(kw_only=True)
class Program:
    """A compiled design."""

    path: Path
    folder: Path
    design: Design


def compile_design(design: Design, folder: Path, settings: SimulationSettings) -> Program:
    """Compile a design for :func:`feed`."""
    variant = Variant(gates=settings.gates, trace=settings.trace, optimise=settings.optimise)
    return Program(path=build(design, folder, variant), folder=folder, design=design)


@frozen(kw_only=True)
class Fed:
    """Codes that left a design, and the clocks at which frames went in and out."""

    codes: Integers
    entered: Integers
    left: Integers
    clocks: int


def feed(
    program: Program,
    codes: Integers,
    elements: int,
    settings: SimulationSettings,
    tell: Callable[[float], None] | None = None,
) -> Fed:
    """Send frames of codes [frames, elements] through a compiled design.

    Args:
        program: the compiled design.
        codes: input codes.
        elements: elements of an output frame.
        settings: back-pressure and its seed.
        tell: told now and then how many frames more have left.

    Raises:
        DrawplateError: when the design gets stuck.
    """
    design, folder, frames = program.design, program.folder, len(codes)
    to_words(codes, design.s_port).tofile(folder / "in.bin")
    arguments = ["in.bin", "out.bin", "times.bin", frames, design.s_port.beats, design.m_port.beats]
    arguments += [settings.valid, settings.ready, settings.seed]
    command = [str(program.path.resolve()), *map(str, arguments)]
    counter = None if tell is None else _Counter(folder / "left.txt", tell)
    during = None if counter is None else counter.look
    done = run(command, seconds=SECONDS, where=f"simulation of {frames:,} frames", folder=folder, during=during)
    if counter:
        counter.look()
    if done.returncode == STUCK:
        clock, sent, got = done.stdout.split()
        raise DrawplateError(
            f"the design is stuck after {clock} clocks: {sent} words in, {got} words out", where=str(folder)
        )
    if done.returncode:
        raise DrawplateError(f"the simulation ended with status {done.returncode}: {done.stderr}", where=str(folder))
    words = np.fromfile(folder / "out.bin", "<u4").reshape(-1, chunks(design.m_port))
    times = np.fromfile(folder / "times.bin", "<i8").reshape(frames, 2)
    found = from_words(words, design.m_port, elements)
    return Fed(codes=found, entered=times[:, 0], left=times[:, 1], clocks=int(done.stdout.split()[0]))


@define
class _Counter:
    """Tells how many frames have left a simulation."""

    path: Path
    """Of a file with a byte per frame."""
    tell: Callable[[float], None]
    told: int = 0

    def look(self) -> None:
        """Tell how many more there are than before."""
        frames = self.path.stat().st_size if self.path.exists() else 0
        if frames > self.told:
            self.tell(frames - self.told)
            self.told = frames
