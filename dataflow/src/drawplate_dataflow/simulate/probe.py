# SPDX-License-Identifier: Apache-2.0
"""Find the first layer that differs from the golden model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from attrs import evolve

from drawplate_dataflow.hardware import LayerDesign
from drawplate_dataflow.network.golden import run_all
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.simulate.program import Program, SimulationSettings, feed
from drawplate_dataflow.simulate.verilate import Variant, build


def first_difference(program: Program, frames: Integers, settings: SimulationSettings) -> str | None:
    """Run a few frames again with every stream recorded.

    Args:
        program: the compiled design that gave other outputs than the golden model.
        frames: values on the input stream, the last frame is one that differed.
        settings: as in the run that differed.

    Returns:
        The name of the first layer with another word than expected, or fewer; None when all agree.
    """
    network, folder = program.design.network, program.folder / "probe"
    variant = Variant(gates=settings.gates, probe=True, optimise=False)
    probed = Program(path=build(program.design, folder, variant), folder=folder, design=program.design)
    feed(probed, network.input.type.encode(frames), network.output.elements, evolve(settings, trace=False))
    expected = run_all(network, frames)
    for record, layer in zip(program.design.layers, network.layers, strict=True):
        codes = layer.output.type.encode(expected[layer.name]).reshape(-1)
        seen = _recorded(folder / f"{record.module}.words", record)[: codes.size]
        if not np.array_equal(seen, codes[: seen.size]) or seen.size < codes.size:
            return layer.name
    return None


def _recorded(path: Path, record: LayerDesign) -> Integers:
    """Read the codes of a recorded stream, in order."""
    mask, bits = (1 << record.m_port.bits) - 1, record.m_port.bits
    words = [int(line, 16) for line in path.read_text(encoding="ascii").split()]
    codes = [(word >> (lane * bits)) & mask for word in words for lane in range(record.m_port.elements)]
    return np.array(codes, np.int64)
