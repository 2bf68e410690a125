# SPDX-License-Identifier: Apache-2.0
"""How often the nets of a design change while frames go through it, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from drawplate.processes import scratch
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.simulate.program import Program, SimulationSettings, feed
from drawplate_dataflow.simulate.verilate import Variant, build

RECORD = "toggles.txt"


@frozen(kw_only=True)
class Toggled:
    """The nets of a layer, and what they did."""

    bits: int
    changes: int
    """From 0 to 1 and back, over all frames."""
    frames: int

    @property
    def per_frame(self) -> float:
        """Changes of an average net while one frame goes through."""
        return self.changes / (self.bits * self.frames) if self.bits and self.frames else 0.0


def count_toggles(design: Design, frames: Integers, seed: int = 1) -> Mapping[str, Toggled]:
    """Simulate what is synthesised, gate by gate, at full rate, and count the changes of every net.

    Nets are those between lookup tables, carry chains, registers and memories, each once; the clock, what is inside
    cells, and the bits that memories hold are not among them.  Changes within a clock (glitches) are not seen.

    Args:
        design: the design.
        frames: values on the input stream, [N, ...].
        seed: of nothing random at full rate; part of the settings of a simulation.

    Returns:
        What changed, by the name of a layer or fork.

    Raises:
        ToolMissing: when Verilator or a C++ compiler is absent.
        DrawplateError: when a tool fails or the design gets stuck.
    """
    flat = frames.reshape(len(frames), -1)
    with scratch() as folder:
        path = build(design, folder, Variant(gates=True, toggles=True, optimise=False))
        program = Program(path=path, folder=folder, design=design)
        network = design.network
        feed(program, network.input.type.encode(flat), network.output.elements, SimulationSettings(seed=seed))
        return _read(folder / RECORD, design, len(flat))


def _read(path: Path, design: Design, frames: int) -> Mapping[str, Toggled]:
    names = {f"u_{unit.module}": unit.name for unit in (*design.layers, *design.forks)}
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        scope, bits, changes = line.split()
        if scope in names:
            found[names[scope]] = Toggled(bits=int(bits), changes=int(changes), frames=frames)
    return found
