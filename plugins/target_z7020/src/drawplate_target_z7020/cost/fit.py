# SPDX-License-Identifier: Apache-2.0
"""Fit the constants: ``python -m drawplate_target_z7020.cost.fit``.

Non-negative least squares on relative errors, over two of every three layers of the table; every third layer is held
out and tells the error that goes with each estimate.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from drawplate_target_z7020.cost.model import CONSTANTS
from drawplate_target_z7020.cost.structure import FIT, Structure, structure
from drawplate_target_z7020.cost.table import Row, read
from drawplate_target_z7020.description import MatMul

Vector = NDArray[np.float64]
HELD_OUT = 3


def take_apart(row: Row) -> Structure:
    """Return the structure of a layer of the table."""
    network = row.network
    layer = network.layers[0]
    assert isinstance(layer, MatMul)
    return structure(layer, network.input.type, layer.simd)


def fit(rows: list[Row]) -> dict[str, Any]:
    """Return constants and errors as JSON values."""
    parts = [take_apart(row) for row in rows]
    terms = np.array([part.terms for part in parts])
    held = np.arange(len(rows)) % HELD_OUT == HELD_OUT - 1
    record: dict[str, Any] = {"held_out": {"layers": int(held.sum())}, "fitted": {"layers": int((~held).sum())}}
    for name, counted in (("lut", [part.luts for part in parts]), ("ff", [part.ffs for part in parts])):
        measured = np.array([getattr(row, name) for row in rows], float)
        constants = _solve(terms[~held], (measured - counted)[~held], measured[~held])
        error = np.abs((counted + terms @ constants) / measured - 1)
        record[name] = {term: round(float(value), 4) for term, value in zip(FIT, constants, strict=True)}
        for group, chosen in (("held_out", held), ("fitted", ~held)):
            record[group] |= {
                f"{name}_median": round(float(np.median(error[chosen])), 4),
                f"{name}_worst": round(float(error[chosen].max()), 4),
            }
    wrong = [part.bram18 - row.bram18 for part, row in zip(parts, rows, strict=True)]
    record["bram18"] = {"exact": sum(not difference for difference in wrong), "of": len(wrong)}
    return record


def _solve(terms: Vector, rest: Vector, measured: Vector) -> Vector:
    constants: Vector = nnls(terms / measured[:, None], rest / measured)[0]
    return constants


def main() -> None:
    """Fit, and write the constants."""
    record = fit(read())
    CONSTANTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))  # noqa: T201 - the script's result


if __name__ == "__main__":
    main()
