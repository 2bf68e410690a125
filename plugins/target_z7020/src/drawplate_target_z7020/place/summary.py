# SPDX-License-Identifier: Apache-2.0
"""What is kept of nextpnr's report, log and routed netlist for the 7 series: a few numbers instead of megabytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import asdict, define, field

from drawplate.errors import StepFailed
from drawplate_dataflow.place import Cell, TimingPath, cells, clock_mhz, slowest_path
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_target_z7020.place.placed import Placed

SUMMARY: Final = "placed.json"
_FMAX: Final = re.compile(r"Max frequency for clock\s+'[^']*':\s*([\d.]+) MHz")
_LUT: Final = re.compile(r"(.*?)([A-D])[56]LUT$")


@define
class _Taken:
    """What a layer occupies."""

    positions: set[str] = field(factory=set)
    """Positions of a LUT6: its two outputs are one."""
    slices: set[str] = field(factory=set)
    tiles: set[tuple[int, int]] = field(factory=set)
    ffs: int = 0
    rams: int = 0
    blocks: int = 0

    def add(self, cell: Cell) -> None:
        """Count a cell."""
        self.tiles.add((cell.x, cell.y))
        found = _LUT.match(cell.bel)
        if found:
            self.positions.add(found.group(1) + found.group(2))
            self.slices.add(found.group(1))
        elif cell.kind.startswith("RAMB36"):
            self.rams += 2
        elif cell.kind.startswith("RAMB18"):
            self.rams += 1
        elif cell.kind.startswith("DSP48"):
            self.blocks += 1
        elif "FF" in cell.kind or cell.kind.startswith("FD"):
            self.ffs += 1

    @property
    def vector(self) -> tuple[int, int, int, int]:
        """In the order of :data:`drawplate_dataflow.resources.NAMES`."""
        return len(self.positions), self.ffs, self.rams, self.blocks


def summarise(routed: Mapping[str, Any], report: Mapping[str, Any] | None, log: str, folder: Path) -> None:
    """Write :data:`SUMMARY`; the clock is read from the log where there is no report.

    Raises:
        StepFailed: when neither tells a clock.
    """
    units: dict[str, _Taken] = {}
    for cell in cells(routed):
        units.setdefault(cell.unit, _Taken()).add(cell)
    path = slowest_path(report) if report and report.get("critical_paths") else None
    record = {
        "layers": {unit: dict(zip(NAMES, taken.vector, strict=True)) for unit, taken in units.items()},
        "slices": len(set[str]().union(*(taken.slices for taken in units.values()))),
        "fmax_mhz": clock_mhz(report) if report else _logged(log),
        "slowest": None if path is None else asdict(path),
        "tiles": {unit: sorted(taken.tiles) for unit, taken in units.items()},
    }
    (folder / SUMMARY).write_text(json.dumps(record), encoding="utf-8")


def _logged(log: str) -> float:
    """Return the clock that the log tells: it does so twice, and the second time is after routing."""
    found = _FMAX.findall(log)
    if not found:
        raise StepFailed("nextpnr told no clock", where="z7020, place")
    return float(found[-1])


def read_summary(folder: Path, *, tool: str, standing: str) -> Placed:
    """Read :data:`SUMMARY`."""
    record = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    layers = {unit: Resources(**found) for unit, found in record["layers"].items()}
    return Placed(
        resources=sum(layers.values(), Resources()),
        fmax_mhz=record["fmax_mhz"],
        tool=tool,
        standing=standing,
        slices=record["slices"],
        layers=layers,
        slowest=record["slowest"] and TimingPath(**record["slowest"]),
        tiles={unit: tuple((x, y) for x, y in found) for unit, found in record["tiles"].items()},
    )
