# SPDX-License-Identifier: Apache-2.0
"""Depth of the logic: a guard against long paths, never a clock rate."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from drawplate_dataflow.hardware.design import Design, LayerDesign
from drawplate_dataflow.yosys import yosys_version
from drawplate_target_z7020.synthesis.synthesise import Derive, run_program
from drawplate_target_z7020.synthesis.timing import PAIR, timing_commands

NOTE: Final = "longest path from register to register, without wires: a guard, not a clock period"
_ARRIVAL = re.compile(r"Latest arrival time in '\S+' is (\d+)")


def logic_depths(design: Design, derived: Derive) -> dict[str, float]:
    """Return the delay of the longest path through the logic of every layer, in ns, as ``sta`` of yosys adds it up.

    A path begins at a register, a memory or a port and ends at one.  Delays are those of yosys' cell library for the
    slowest speed grade; DSP48E1 blocks have none there, and wires are not known before placement, so a real path takes
    longer.

    Args:
        design: the design.
        derived: where reports are kept, ``job.derived``.

    Raises:
        StepFailed: when yosys fails; names the layer.
    """
    return {layer.name: _depth(design, derived, layer) for layer in design.layers}


def _depth(design: Design, derived: Derive, layer: LayerDesign) -> float:
    script = [*timing_commands("top", ["files.v", "roms"]), PAIR]
    key = {"shape": design.shape_digest(layer), "tool": yosys_version(), "script": script}
    make = partial(run_program, "timing", design, layer, product="sta.txt")
    report = (derived("depth", key, make) / "sta.txt").read_text(encoding="utf-8")
    return max(int(found) for found in _ARRIVAL.findall(report)) / 1000
