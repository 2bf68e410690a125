# SPDX-License-Identifier: Apache-2.0
"""The fitted cost model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.forks import fork_parts
from drawplate_dataflow.cost.library import Part
from drawplate_dataflow.network import Layer, Network, Stream
from drawplate_dataflow.resources import Resources

CONSTANTS = Path(__file__).with_name("constants.json")


class LayerCost(Protocol):
    """A replaceable model of costs: what the folding optimiser asks."""

    def estimate(self, layer: Layer, sources: Sequence[Stream], beats: Sequence[int]) -> Estimate:
        """Estimate a folded layer that reads ``sources``, of which ``beats`` elements make a word."""

    def fork(self, network: Network, name: str, sends: int) -> Resources:
        """Estimate what lies between a stream of several readers and these readers."""


@frozen(kw_only=True)
class CostModel:
    """Counted parts plus fitted terms."""

    lut: Mapping[str, tuple[float, ...]]
    """LUTs per term of :class:`~drawplate_dataflow.cost.library.Part`, by library module."""
    lut_error: float
    """Largest relative error on synthesised layers, none of which the constants were fitted to."""
    ff_error: float

    def estimate(self, layer: Layer, sources: Sequence[Stream], beats: Sequence[int]) -> Estimate:
        """Estimate a layer.

        Raises:
            ModelError: when the folding cannot be built.
        """
        found = layer.structure(sources, beats)
        return Estimate(
            resources=Resources(
                lut=found.luts + sum(map(self.part_luts, found.parts)),
                ff=found.ffs + sum(part.ffs for part in found.parts),
                bram18=found.bram18,
                dsp=found.dsp,
            ),
            cycles=found.cycles,
        )

    def fork(self, network: Network, name: str, sends: int) -> Resources:
        """Estimate the fork of a stream with words of ``sends`` elements."""
        parts = tuple(fork_parts(network, name, sends))
        return Resources(
            lut=sum(map(self.part_luts, parts)),
            ff=sum(part.ffs for part in parts),
            bram18=sum(part.bram18 for part in parts),
        )

    def part_luts(self, part: Part) -> float:
        """Return the LUTs of an instance of a library module."""
        constants = self.lut.get(part.module, ()) if not part.terms else self.lut[part.module]
        return part.luts + sum(constant * term for constant, term in zip(constants, part.terms, strict=True))


def load_model() -> CostModel:
    """Load the constants that are committed with the tables they were fitted and checked against."""
    record: Mapping[str, Any] = json.loads(CONSTANTS.read_text(encoding="utf-8"))
    return CostModel(
        lut={module: tuple(constants) for module, constants in record["lut"].items()},
        lut_error=record["layers"]["lut_worst"],
        ff_error=record["layers"]["ff_worst"],
    )
