# SPDX-License-Identifier: Apache-2.0
"""Run images through a design, clock by clock, and compare every output with the golden model."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from attrs import field, frozen

from drawplate.errors import DrawplateError
from drawplate_target_z7020.description import golden
from drawplate_target_z7020.description.types import Integers
from drawplate_target_z7020.rtl import Design
from drawplate_target_z7020.simulate.verilate import Variant, build
from drawplate_target_z7020.simulate.words import chunks, from_words, to_words

STUCK = 3
"""Exit status of the harness when nothing moves any more."""


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
class SimulationResult:
    """What came out, and when."""

    values: Integers = field(repr=False)
    """[N, height, width, channels] of the output stream."""
    cycles_per_frame: float
    """Clocks between the last words of successive frames, over the second half of the frames."""
    latency: int
    """Clocks from the first word in to the last word out of the first frame."""
    clocks: int
    """Clocks in all."""
    mismatches: int
    """Frames of which an output differs from the golden model's."""
    first_differing_layer: str | None = None

    @property
    def exact(self) -> bool:
        """Whether every output equals the golden model's."""
        return self.mismatches == 0


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


def feed(program: Program, codes: Integers, elements: int, settings: SimulationSettings) -> Fed:
    """Send frames of codes [frames, elements] through a compiled design.

    Args:
        program: the compiled design.
        codes: input codes.
        elements: elements of an output frame.
        settings: back-pressure and its seed.

    Raises:
        DrawplateError: when the design gets stuck.
    """
    design, folder, frames = program.design, program.folder, len(codes)
    to_words(codes, design.s_port).tofile(folder / "in.bin")
    arguments = ["in.bin", "out.bin", "times.bin", frames, design.s_port.beats, design.m_port.beats]
    arguments += [settings.valid, settings.ready, settings.seed]
    done = subprocess.run(
        [str(program.path.resolve()), *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False
    )
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


def run(design: Design, images: Integers, settings: SimulationSettings | None = None) -> SimulationResult:
    """Compile a design, run images through it and compare every output with the golden model.

    Args:
        design: the design.
        images: values on the input stream, [N, ...].
        settings: how to run; None for the fast model at full rate.

    Raises:
        ToolMissing: when Verilator or a C++ compiler is absent.
        DrawplateError: when a tool fails or the design gets stuck.
    """
    settings = settings or SimulationSettings()
    if settings.folder is not None:
        return compare(compile_design(design, settings.folder, settings), images, settings)
    with TemporaryDirectory(prefix="drawplate-") as folder:
        return compare(compile_design(design, Path(folder), settings), images, settings)


def compare(program: Program, images: Integers, settings: SimulationSettings) -> SimulationResult:
    """Run images through a compiled design and compare with the golden model."""
    from drawplate_target_z7020.simulate.probe import first_difference

    network = program.design.network
    frames = np.asarray(images, np.int64).reshape(len(images), -1)
    fed = feed(program, network.input.type.encode(frames), network.output.elements, settings)
    values = network.output.type.decode(fed.codes).reshape(-1, *network.output.shape)
    expected = golden.run(network, frames)
    wrong = np.flatnonzero((values != expected).reshape(len(frames), -1).any(axis=1))
    half = len(frames) // 2
    steady = (fed.left[-1] - fed.left[half]) / (len(frames) - 1 - half) if len(frames) > 2 else float("nan")
    blamed = first_difference(program, frames[: int(wrong[0]) + 1], settings) if wrong.size else None
    return SimulationResult(
        values=values,
        cycles_per_frame=float(steady),
        latency=int(fed.left[0] - fed.entered[0]) + 1,
        clocks=fed.clocks,
        mismatches=len(wrong),
        first_differing_layer=blamed,
    )
