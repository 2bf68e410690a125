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

import numpy as np

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.model import CostModel
from drawplate_dataflow.hardware.library import FITTED
from drawplate_target_z7020 import xc7
from drawplate_target_z7020.fitting.modules import ModuleRow, read_modules
from drawplate_target_z7020.fitting.table import Row, read
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.xc7.technology import CONSTANTS, Xc7


def fit(modules: list[ModuleRow]) -> dict[str, tuple[float, ...]]:
    """Return the constants of every module."""
    return {module: _fit([row for row in modules if row.module == module]) for module in FITTED}


def _fit(rows: list[ModuleRow]) -> tuple[float, ...]:
    parts = [FITTED[row.module].count(row.parameters, XC7) for row in rows]
    terms = np.array([found.terms for found in parts])
    rest = np.array([row.lut - found.luts for row, found in zip(rows, parts, strict=True)])
    return tuple(round(float(value), 3) + 0.0 for value in np.linalg.lstsq(terms, rest, rcond=None)[0])


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


def errors(rows: list[Row], constants: dict[str, tuple[float, ...]]) -> dict[str, Any]:
    """Return how far estimates of whole layers are off."""
    model = CostModel(Fitted(constants))
    found = [estimate(row, model).resources for row in rows]
    record: dict[str, Any] = {"layers": len(rows)}
    for name in ("lut", "ff"):
        off = [abs(getattr(e, name) / getattr(row, name) - 1) for e, row in zip(found, rows, strict=True)]
        record |= {f"{name}_median": round(float(np.median(off)), 4), f"{name}_worst": round(max(off), 4)}
    record["bram18_exact"] = sum(e.ram == row.bram18 for e, row in zip(found, rows, strict=True))
    return record


def main() -> None:
    """Fit, and write the constants."""
    constants = fit(read_modules())
    record = {"layers": errors(read(), constants), "lut": constants}
    Path(str(resources.files(xc7) / CONSTANTS)).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record["layers"], indent=1))  # noqa: T201 - the script's result


if __name__ == "__main__":
    main()
