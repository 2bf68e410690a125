# SPDX-License-Identifier: Apache-2.0
"""What came of a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from drawplate.artifact import Artifact, Candidate
from drawplate.build import Build
from drawplate.metric import Metric


@frozen(kw_only=True)
class Outcome:
    """What one step gave: each field is filled by the verbs that were run."""

    artifact: Artifact
    """The model after the step; the one before it where the step only exports or measures."""
    front: tuple[Candidate, ...] = ()
    build: Build | None = None
    metrics: tuple[Metric, ...] = ()
    curves: Mapping[str, tuple[tuple[float, float], ...]] = field(factory=dict)
    """Series recorded with :meth:`drawplate.Job.track`: name to (x, value) pairs."""
    tables: Mapping[str, tuple[Mapping[str, Any], ...]] = field(factory=dict)
    """Rows recorded with :meth:`drawplate.Job.row`, by the table's name."""
    notes: tuple[str, ...] = ()
    resolved: Mapping[str, Any] = field(factory=dict)
    """Options that were left to the machine (``auto``), as it chose them."""
    seconds: float = field(default=0.0, eq=False)
    """Time spent computing it, steps that it ran included; out of the store, what it cost then."""

    def metric(self, name: str) -> float:
        """Value of a whole-model metric by name.

        Raises:
            KeyError: when no such metric was found.
        """
        for metric in self.metrics:
            if metric.name == name and metric.layer is None:
                return metric.value
        raise KeyError(name)
