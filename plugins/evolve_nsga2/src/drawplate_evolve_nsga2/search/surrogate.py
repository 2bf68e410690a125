# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: TID253 - this module exists only to use scikit-learn
"""What a candidate will be worth, from what is known of others: a Gaussian process over features and epochs.

One process over all rungs: what a candidate had at a rung is an observation beside its own end, so that its learning
curve counts (multi-fidelity: Kandasamy et al., "Multi-fidelity Bayesian optimisation with continuous approximations",
ICML 2017).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np
from attrs import define, frozen
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel
from threadpoolctl import ThreadpoolController

FEWEST = 8
"""Observations without which nothing is predicted."""
MOST = 256
"""Observations that are used, the latest ones: fitting takes the cube of their number."""
GROWTH = 1.25
"""Lengths and noise are fitted anew when there are so many times more observations."""

Array = NDArray[np.float64]


@frozen
class Scale:
    """Brings values to mean 0 and variance 1; of errors the logarithm: to halve one is worth the same anywhere."""

    logarithmic: bool
    offset: float
    mean: float
    width: float

    @classmethod
    def of(cls, values: Array) -> Scale:
        """Fit it."""
        logarithmic = bool(values.min() >= 0)
        offset = 0.05 * float(np.median(values)) or 1e-9
        brought = np.log(values + offset) if logarithmic else values
        return cls(logarithmic, offset, float(brought.mean()), float(brought.std()) or 1.0)

    def forward(self, values: Array) -> Array:
        """Scale."""
        brought: Array = np.log(values + self.offset) if self.logarithmic else values
        return (brought - self.mean) / self.width

    def back(self, values: Array) -> Array:
        """Undo it."""
        brought = values * self.width + self.mean
        return np.exp(brought) - self.offset if self.logarithmic else brought


@frozen
class Forecast:
    """What a fitted process says of rows."""

    scale: Scale
    means: Array
    deviations: Array

    @property
    def values(self) -> Array:
        """What is expected."""
        return self.scale.back(self.means)

    def optimistic(self, deviations: float) -> Array:
        """What would be so many standard deviations better."""
        return self.scale.back(self.means - deviations * self.deviations)


@define
class Surrogate:
    """A Gaussian process whose lengths and noise are fitted now and then."""

    theta: list[float] | None = None
    """Logarithms of the kernel's numbers."""
    fitted: int = 0
    """How many observations they were fitted to."""
    _process: Any = None
    _scale: Scale | None = None

    def fit(self, rows: Sequence[Sequence[float]], values: Sequence[float]) -> bool:
        """Learn; tell whether there was enough to learn from.

        Args:
            rows: features, each about 0 to 1 wide, the part of the epochs among them.
            values: of the objective, all to be made small.
        """
        x, y = np.array(rows[-MOST:], float), np.array(values[-MOST:], float)
        if len(y) < FEWEST or np.ptp(y) == 0:
            return False
        self._scale = Scale.of(y)
        anew = self.theta is None or len(y) >= GROWTH * self.fitted
        kernel = _kernel(x.shape[1])
        if self.theta is not None:
            kernel = kernel.clone_with_theta(np.array(self.theta))
        optimizer = "fmin_l_bfgs_b" if anew else None
        self._process = GaussianProcessRegressor(kernel, optimizer=optimizer, random_state=0)
        with warnings.catch_warnings(), _one_thread():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._process.fit(x, np.clip(self._scale.forward(y), -3, 3))
        if anew:
            self.theta, self.fitted = [float(value) for value in self._process.kernel_.theta], len(y)
        return True

    def predict(self, rows: Sequence[Sequence[float]]) -> Forecast:
        """Predict; only after :meth:`fit`."""
        assert self._scale is not None
        with _one_thread():
            means, deviations = self._process.predict(np.array(rows, float), return_std=True)
        return Forecast(self._scale, means, deviations)


@cache
def _pools() -> ThreadpoolController:
    """Find the libraries once: that reads what the process has mapped, which takes longer than a forecast."""
    return ThreadpoolController()


def _one_thread() -> AbstractContextManager[Any]:
    """Sums of several threads would be rounded otherwise."""
    found: AbstractContextManager[Any] = _pools().limit(limits=1)
    return found


def _kernel(features: int) -> Any:
    """A trend over all features, which few observations show; a length per feature where they are few; noise."""
    lengths = np.ones(features) if features <= 20 else 1.0
    trend = ConstantKernel(0.5, (0.01, 20)) * DotProduct(1.0, (0.1, 10))
    return trend + ConstantKernel(1.0, (0.05, 20)) * Matern(lengths, (0.1, 30), nu=2.5) + WhiteKernel(0.05, (1e-3, 1))
