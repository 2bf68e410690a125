# SPDX-License-Identifier: Apache-2.0
"""Fitting six prices to published rows, and finding out how far they are off on rows that were left out."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from drawplate.errors import ToolMissing
from drawplate_target_myriadx.calibration.rows import Row
from drawplate_target_myriadx.latency.model import CLOCK_HZ, Prices

Vector = NDArray[np.float64]


def _scipy(part: str) -> Any:
    """Import what only calibration needs.

    Raises:
        ToolMissing: when it is not installed.
    """
    try:
        return import_module(f"scipy.{part}")
    except ImportError as error:
        hint = "pip install 'drawplate-target-myriadx[calibrate]'"
        raise ToolMissing("scipy is not installed", where="calibrate", hint=hint) from error


def fit(rows: Sequence[Row]) -> Prices:
    """Return the prices of least relative error, none of them negative (NNLS)."""
    nnls = _scipy("optimize").nnls
    wanted = np.array([row.milliseconds for row in rows])
    found, _ = nnls(_terms(rows) / wanted[:, None], np.ones(len(rows)))
    fixed, launch, nce, descriptor, elements, functions = (float(value) for value in found)
    return Prices(
        fixed_ms=fixed,
        launch_us=launch,
        nce_scale=nce,
        descriptor_us=descriptor,
        elements_ms_per_mb=elements,
        functions_ms_per_mb=functions,
    )


def _terms(rows: Sequence[Row]) -> Vector:
    """Amounts in the units of the prices, one column per price."""
    units = np.array([1e3, CLOCK_HZ / 1e3, 1e3, 1e6, 1e6])
    return np.array([[row.inferences, *(np.array(row.work.amounts) / units)] for row in rows])


def predicted(prices: Prices, row: Row) -> float:
    """Return what the prices say of a row, in milliseconds."""
    return row.inferences * prices.fixed_ms + prices.milliseconds(row.work)


def left_out(rows: Sequence[Row], groups: Sequence[str]) -> Vector:
    """Return the relative error of every row, fitted without the rows of its group."""
    errors = np.zeros(len(rows))
    for group in dict.fromkeys(groups):
        prices = fit([row for row, own in zip(rows, groups, strict=True) if own != group])
        for index, own in enumerate(groups):
            if own == group:
                errors[index] = predicted(prices, rows[index]) / rows[index].milliseconds - 1
    return errors


@frozen(kw_only=True)
class Check:
    """How good left-out predictions are."""

    rows: int
    mape: float
    """Mean of the absolute relative errors."""
    median: float
    worst: float
    ninety: float
    """What 90 % of them stay below."""
    spearman: float


def check(rows: Sequence[Row], errors: Vector) -> Check:
    """Summarise errors."""
    spearmanr = _scipy("stats").spearmanr
    off, wanted = np.abs(errors), np.array([row.milliseconds for row in rows])
    return Check(
        rows=len(rows),
        mape=float(off.mean()),
        median=float(np.median(off)),
        worst=float(off.max()),
        ninety=float(np.quantile(off, 0.9)),
        spearman=float(spearmanr(wanted, wanted * (1 + errors)).statistic),
    )
