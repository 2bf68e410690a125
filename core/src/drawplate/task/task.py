# SPDX-License-Identifier: Apache-2.0
"""A task, as data."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from drawplate.metric import Direction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Outputs = NDArray[np.float64]
    Targets = NDArray[Any]


class Kind(StrEnum):
    """What a model says about one example."""

    CLASSIFICATION = "classification"
    """Which of several classes it is: one output per class."""
    BINARY = "binary"
    """Which of two classes it is: one output, above its threshold for the second class."""
    LABELS = "labels"
    """Which of several labels hold, any number of them: one output per label."""
    REGRESSION = "regression"
    """Numbers."""
    RECONSTRUCTION = "reconstruction"
    """The example itself (autoencoders): examples that it cannot reconstruct are anomalies."""


class Loss(StrEnum):
    """What training minimises."""

    CROSS_ENTROPY = "cross-entropy"
    BINARY_CROSS_ENTROPY = "binary cross-entropy"
    SQUARED_ERROR = "mean squared error"


@frozen(kw_only=True)
class Measure:
    """A metric of a task, before there is a number."""

    name: str
    unit: str
    """As printed."""
    direction: Direction
    of: Callable[[Outputs, Targets, float], float | None] = field(repr=False)
    """Called with outputs (N, ...), targets, and the threshold of a yes; None where these examples give no such
    figure, e.g. no area under the curve of a single class."""


@frozen(kw_only=True)
class Task:
    """What a model is for."""

    kind: Kind
    loss: Loss
    measures: tuple[Measure, ...]
    """The first one chooses which weights of a training are kept."""

    @property
    def classifies(self) -> bool:
        """Whether each example belongs to exactly one class."""
        return self.kind in {Kind.CLASSIFICATION, Kind.BINARY}

    @property
    def chooses(self) -> Measure:
        """The measure that tells which of two models is better."""
        return self.measures[0]

    def measure(self, name: str) -> Measure:
        """Return a measure by name.

        Raises:
            KeyError: when the task has none of that name.
        """
        return {measure.name: measure for measure in self.measures}[name]
