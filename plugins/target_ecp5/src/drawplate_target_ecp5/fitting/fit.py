# SPDX-License-Identifier: Apache-2.0
"""Fit the constants: ``python -m drawplate_target_ecp5.fitting.fit``.

Least squares over synthesised library modules (``modules.csv``).  Whole designs that were placed and routed
(``designs.csv``) are not fitted to: their errors are what goes with every estimate.  The wrapper's registers and the
positions beside a chain were set by hand after five of them had been seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from drawplate_dataflow.cost.fitting import errors, fit
from drawplate_dataflow.technology.fitted import CONSTANTS
from drawplate_target_ecp5 import technology
from drawplate_target_ecp5.evidence import taken
from drawplate_target_ecp5.fitting.designs import DesignRow, read_designs
from drawplate_target_ecp5.fitting.modules import read_modules
from drawplate_target_ecp5.technology import ECP5
from drawplate_target_ecp5.technology.family import Ecp5


class Fitted(Ecp5):
    """ECP5 with constants that are being fitted."""

    def __init__(self, constants: Mapping[str, tuple[float, ...]]) -> None:
        self._constants = constants

    @cached_property
    def constants(self) -> Mapping[str, tuple[float, ...]]:
        """The constants."""
        return self._constants


def record(rows: Sequence[DesignRow], constants: Mapping[str, tuple[float, ...]]) -> dict[str, Any]:
    """Return the constants, and how far estimates of whole designs and their wrappers are off what was placed."""
    family = Fitted(constants)
    pairs = [(taken(row.network, family), row.placed) for row in rows]
    exact = sum(found.ram == true.ram for found, true in pairs)
    return {"designs": {"designs": len(rows), **errors(pairs), "ram_exact": exact}, "lut": constants}


def main() -> None:
    """Fit, and write the constants."""
    found = record(read_designs(), fit(read_modules(), ECP5))
    path = Path(technology.__file__).with_name(CONSTANTS)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found["designs"], indent=1))  # noqa: T201 - the script's result


if __name__ == "__main__":
    main()
