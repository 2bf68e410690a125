# SPDX-License-Identifier: Apache-2.0
"""A waveform of a design at work, kept as VCD."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import evolve

from drawplate.processes import scratch
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.simulate.program import SimulationSettings
from drawplate_dataflow.simulate.simulation import run

NAME = "trace.vcd"


def waveform(
    design: Design,
    frames: Integers,
    settings: SimulationSettings,
    derived: Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path],
) -> Path:
    """Return the VCD file of a simulation of some frames: all signals, 10 ns a clock.

    Args:
        design: what is simulated.
        frames: values on the input stream, [N, ...].
        settings: pauses, seed and model; ``trace`` is set here.
        derived: where it is kept, ``job.derived``.
    """

    def make(folder: Path) -> None:
        with scratch() as work:
            run(design, frames, evolve(settings, trace=True, optimise=False, folder=work))
            (folder / NAME).write_bytes((work / NAME).read_bytes())

    key = {"design": design.digest(), "frames": sha256(frames.tobytes()).hexdigest(), "settings": repr(settings)}
    return derived("waveform", key, make) / NAME
