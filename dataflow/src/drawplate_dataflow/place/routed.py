# SPDX-License-Identifier: Apache-2.0
"""The routed netlist that nextpnr writes (``--write``): what was placed where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from drawplate_dataflow.place.owner import OUTSIDE, owner

NAMELESS: Final = "$"
"""How names of cells begin that are none of ours."""
ADDED: Final = "$nextpnr"
"""How those begin that nextpnr has added."""
_PLACE = re.compile(r"(?:^|_)X(\d+)/?Y(\d+)/")


@frozen
class Cell:
    """A placed cell."""

    kind: str
    unit: str
    """Module of the layer that it belongs to, see :func:`drawplate_dataflow.place.owner`."""
    x: int
    y: int
    bel: str
    """Its place, as nextpnr names it."""


def cells(routed: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield all cells that have a place, of the one module of a routed netlist.

    Cells that nextpnr adds (to enter and leave carry chains) have no name of ours: they belong to the layer whose nets
    they touch, or to that of the cell that a net leads to from them and from nowhere else.
    """
    (module,) = routed["modules"].values()
    units = _units(module)
    for name, cell in module["cells"].items():
        found = _PLACE.search(bel := cell["attributes"].get("NEXTPNR_BEL", ""))
        if found:
            yield Cell(cell["type"], units.get(name, OUTSIDE), int(found.group(1)), int(found.group(2)), bel)


def _units(module: Mapping[str, Any]) -> dict[str, str]:
    """Return the layer of every cell, or :data:`OUTSIDE`; of what nextpnr has added, where something tells of it."""
    nets, pairs = _nets(module), _neighbours(module)
    units, added = {}, []
    for name, cell in module["cells"].items():
        unit = _by_nets(cell, nets) if name.startswith(NAMELESS) else owner(name)
        if unit is None and name.startswith(ADDED):
            added.append(name)
        else:
            units[name] = unit or OUTSIDE
    while True:
        told = {name: units[other] for name in added for other in pairs.get(name, ()) if other in units}
        if not told:
            return units
        units |= told
        added = [name for name in added if name not in told]


def _neighbours(module: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the cells at the other ends of nets that have two ends."""
    ends: dict[int, list[str]] = {}
    for name, cell in module["cells"].items():
        for bits in cell["connections"].values():
            for bit in bits:
                if isinstance(bit, int):
                    ends.setdefault(bit, []).append(name)
    found: dict[str, list[str]] = {}
    for one, *others in ends.values():
        if len(others) == 1 and one != others[0]:
            found.setdefault(one, []).append(others[0])
            found.setdefault(others[0], []).append(one)
    return found


def _nets(module: Mapping[str, Any]) -> dict[int, str]:
    """Return the layer that every net belongs to, by its number."""
    found = {}
    for name, net in module["netnames"].items():
        unit = owner(name)
        if unit != OUTSIDE:
            found.update(dict.fromkeys(net["bits"], unit))
    return found


def _by_nets(cell: Mapping[str, Any], nets: Mapping[int, str]) -> str | None:
    return next((nets[bit] for bits in cell["connections"].values() for bit in bits if bit in nets), None)
