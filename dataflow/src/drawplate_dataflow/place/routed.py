# SPDX-License-Identifier: Apache-2.0
"""The routed netlist that nextpnr writes (``--write``): what was placed where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from drawplate_dataflow.place.owner import OUTSIDE, owner

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
    they touch.
    """
    (module,) = routed["modules"].values()
    nets = _nets(module)
    for name, cell in module["cells"].items():
        found = _PLACE.search(bel := cell["attributes"].get("NEXTPNR_BEL", ""))
        if found:
            unit = _by_nets(cell, nets) if name.startswith("$") else owner(name)
            yield Cell(cell["type"], unit, int(found.group(1)), int(found.group(2)), bel)


def _nets(module: Mapping[str, Any]) -> dict[int, str]:
    """Return the layer that every net belongs to, by its number."""
    found = {}
    for name, net in module["netnames"].items():
        unit = owner(name)
        if unit != OUTSIDE:
            found.update(dict.fromkeys(net["bits"], unit))
    return found


def _by_nets(cell: Mapping[str, Any], nets: Mapping[int, str]) -> str:
    touched = (nets[bit] for bits in cell["connections"].values() for bit in bits if bit in nets)
    return next(touched, OUTSIDE)
