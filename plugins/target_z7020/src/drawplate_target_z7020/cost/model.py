# SPDX-License-Identifier: Apache-2.0
"""The fitted cost model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from attrs import frozen

from drawplate_target_z7020.cost.estimate import Estimate
from drawplate_target_z7020.cost.streams import estimate_stream
from drawplate_target_z7020.cost.structure import FIT, structure
from drawplate_target_z7020.description import Layer, MatMul, Stream
from drawplate_target_z7020.resources import Resources

CONSTANTS = Path(__file__).with_name("constants.json")


class LayerCost(Protocol):
    """A replaceable model of costs: what the folding optimiser asks."""

    def estimate(self, layer: Layer, source: Stream, beat: int) -> Estimate:
        """Estimate a folded layer that reads ``source``, of which ``beat`` elements make a word."""


@frozen(kw_only=True)
class CostModel:
    """Counted parts plus fitted terms."""

    lut: tuple[float, ...]
    """LUTs per term of :data:`FIT`."""
    ff: tuple[float, ...]
    lut_error: float
    """Largest relative error on held-out layers."""
    ff_error: float

    def estimate(self, layer: Layer, source: Stream, beat: int) -> Estimate:
        """Estimate a layer.

        Raises:
            ModelError: when the folding cannot be built.
        """
        if not isinstance(layer, MatMul):
            return estimate_stream(layer, source, beat)
        parts = structure(layer, source.type, beat)
        return Estimate(
            resources=Resources(
                lut=max(1.0, parts.luts + _dot(self.lut, parts.terms)),
                ff=max(1.0, parts.ffs + _dot(self.ff, parts.terms)),
                bram18=parts.bram18,
            ),
            cycles=parts.cycles,
        )


def _dot(constants: tuple[float, ...], terms: tuple[float, ...]) -> float:
    return sum(constant * term for constant, term in zip(constants, terms, strict=True))


def load_model() -> CostModel:
    """Load the constants that are committed with the table they were fitted to."""
    record: Mapping[str, Mapping[str, float]] = json.loads(CONSTANTS.read_text(encoding="utf-8"))
    return CostModel(
        lut=tuple(record["lut"][name] for name in FIT),
        ff=tuple(record["ff"][name] for name in FIT),
        lut_error=record["held_out"]["lut_worst"],
        ff_error=record["held_out"]["ff_worst"],
    )
