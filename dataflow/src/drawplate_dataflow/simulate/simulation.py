# SPDX-License-Identifier: Apache-2.0
"""Run images through a design, clock by clock, and compare every output with the golden model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import field, frozen

from drawplate.processes import scratch
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.schedule import frames_inside
from drawplate_dataflow.network import golden
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.simulate.probe import first_difference
from drawplate_dataflow.simulate.program import Program, SimulationSettings, compile_design, feed

FEWEST = 8
"""Frames from which the clocks between frames are told."""


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
    with scratch() as folder:
        return compare(compile_design(design, folder, settings), images, settings)


def steady_frames(design: Design) -> int:
    """Return how many frames have to be sent before the second half of them leaves a full pipeline at its rate."""
    return max(FEWEST, 2 * frames_inside(design.network, design.cycles))


def compare(
    program: Program, images: Integers, settings: SimulationSettings, tell: Callable[[float], None] | None = None
) -> SimulationResult:
    """Run images through a compiled design and compare with the golden model; ``tell`` as of :func:`feed`."""
    network = program.design.network
    frames = np.asarray(images, np.int64).reshape(len(images), -1)
    fed = feed(program, network.input.type.encode(frames), network.output.elements, settings, tell)
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
