# SPDX-License-Identifier: Apache-2.0
"""What is kept of nextpnr's report and routed netlist: a few numbers instead of megabytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen

from drawplate_dataflow.place import TimingPath, cells, clock_mhz, slowest_by_unit, slowest_path
from drawplate_dataflow.resources import NAMES, Resources

SUMMARY: Final = "placed.json"
# Positions that a placed cell takes of those of parts.csv: the cell that writes a memory of LUTs takes both of a slice.
LUTS: Final[Mapping[str, int]] = {"TRELLIS_COMB": 1, "TRELLIS_RAMW": 2}
_COUNTED: Final = {"ff": "TRELLIS_FF", "ram": "DP16KD", "multiplier": "MULT18X18D"}


@frozen(kw_only=True)
class Summary:
    """What was found out."""

    resources: Resources
    layers: Mapping[str, Resources]
    """By module of a layer; what is no layer's is ``wrapper``."""
    fmax_mhz: float
    slowest: TimingPath | None
    arrivals: Mapping[str, float]
    """By module of a layer: the latest arrival at one of its registers, in ns."""
    tiles: Mapping[str, tuple[tuple[int, int], ...]]
    """By module of a layer: the tiles (column, row) that it occupies."""


def summarise(report: Mapping[str, Any], routed: Mapping[str, Any], folder: Path) -> None:
    """Write :data:`SUMMARY`."""
    counts: dict[str, Counter[str]] = {}
    tiles: dict[str, set[tuple[int, int]]] = {}
    for cell in cells(routed):
        counts.setdefault(cell.unit, Counter())[cell.kind] += 1
        tiles.setdefault(cell.unit, set()).add((cell.x, cell.y))
    path = slowest_path(report)
    record = {
        "layers": {unit: dict(zip(NAMES, _resources(kinds).vector, strict=True)) for unit, kinds in counts.items()},
        "fmax_mhz": clock_mhz(report),
        "slowest": None if path is None else asdict(path),
        "arrivals": slowest_by_unit(report),
        "tiles": {unit: sorted(found) for unit, found in tiles.items()},
    }
    (folder / SUMMARY).write_text(json.dumps(record), encoding="utf-8")


def _resources(kinds: Mapping[str, int]) -> Resources:
    luts = sum(number * kinds.get(kind, 0) for kind, number in LUTS.items())
    rest = (kinds.get(kind, 0) for kind in _COUNTED.values())
    return Resources(**dict(zip(NAMES, (luts, *rest), strict=True)))


def read_summary(folder: Path) -> Summary:
    """Read :data:`SUMMARY`."""
    record = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    layers = {unit: Resources(**found) for unit, found in record["layers"].items()}
    return Summary(
        resources=sum(layers.values(), Resources()),
        layers=layers,
        fmax_mhz=record["fmax_mhz"],
        slowest=record["slowest"] and TimingPath(**record["slowest"]),
        arrivals=record["arrivals"],
        tiles={unit: tuple((x, y) for x, y in found) for unit, found in record["tiles"].items()},
    )
