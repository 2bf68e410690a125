# SPDX-License-Identifier: Apache-2.0
"""Fit the constants: ``python -m drawplate_target_z7020.fitting.fit``.

Least squares over synthesised library modules (``modules.csv``).  Whole layers (``layers.csv``) are not fitted to:
their errors are what goes with every estimate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.fitting import errors, fit
from drawplate_dataflow.cost.model import CostModel
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology.fitted import CONSTANTS
from drawplate_target_z7020 import xc7
from drawplate_target_z7020.fitting.modules import read_modules
from drawplate_target_z7020.fitting.table import Row, read
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.xc7.technology import Xc7


class Fitted(Xc7):
    """7-series with constants that are being fitted."""

    def __init__(self, constants: Mapping[str, tuple[float, ...]]) -> None:
        self._constants = constants

    @property
    def constants(self) -> Mapping[str, tuple[float, ...]]:
        """The constants."""
        return self._constants


def estimate(row: Row, model: CostModel) -> Estimate:
    """Estimate a layer of the table."""
    network = row.network
    layer = network.layers[0]
    return model.estimate(layer, (network.input,), (row.simd,))


def record(rows: list[Row], constants: dict[str, tuple[float, ...]]) -> dict[str, Any]:
    """Return the constants, and how far estimates of whole layers are off."""
    model = CostModel(Fitted(constants))
    pairs = [(estimate(row, model).resources, Resources(lut=row.lut, ff=row.ff, ram=row.bram18)) for row in rows]
    exact = sum(found.ram == true.ram for found, true in pairs)
    return {"layers": {"layers": len(rows), **errors(pairs), "bram18_exact": exact}, "lut": constants}


def main() -> None:
    """Fit, and write the constants."""
    found = record(read(), fit(read_modules(), XC7))
    Path(str(resources.files(xc7) / CONSTANTS)).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found["layers"], indent=1))  # noqa: T201 - the script's result


if __name__ == "__main__":
    main()
