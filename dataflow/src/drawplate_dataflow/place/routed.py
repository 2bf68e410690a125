# SPDX-License-Identifier: Apache-2.0
"""The routed netlist that nextpnr writes (``--write``): what was placed where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from drawplate_dataflow.place.owner import owner

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
    """Yield all cells that have a place, of the one module of a routed netlist."""
    (module,) = routed["modules"].values()
    for name, cell in module["cells"].items():
        found = _PLACE.search(bel := cell["attributes"].get("NEXTPNR_BEL", ""))
        if found:
            yield Cell(cell["type"], owner(name), int(found.group(1)), int(found.group(2)), bel)
