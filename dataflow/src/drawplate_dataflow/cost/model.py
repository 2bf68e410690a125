# SPDX-License-Identifier: Apache-2.0
"""What layers and forks take, from what they consist of and what a technology asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.hardware.fork import branches, fork
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.network import Layer, Network, Stream
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Technology


class LayerCost(Protocol):
    """A replaceable model of costs: what the folding optimiser asks."""

    @property
    def technology(self) -> Technology:
        """Device family that it prices."""

    def estimate(self, layer: Layer, sources: Sequence[Stream], beats: Sequence[int]) -> Estimate:
        """Estimate a folded layer that reads ``sources``, of which ``beats`` elements make a word."""

    def fork(self, network: Network, name: str, sends: int) -> Resources:
        """Estimate what lies between a stream of several readers and these readers."""


@frozen
class CostModel:
    """Counts, and a technology's fitted terms."""

    technology: Technology

    def estimate(self, layer: Layer, sources: Sequence[Stream], beats: Sequence[int]) -> Estimate:
        """Estimate a layer.

        Raises:
            ModelError: when the folding cannot be built.
        """
        ports = [Port.of(source, beat) for source, beat in zip(sources, beats, strict=True)]
        made = layer.structure(sources, ports, self.technology)
        return Estimate(resources=made.module.price(self.technology), cycles=made.cycles)

    def fork(self, network: Network, name: str, sends: int) -> Resources:
        """Estimate the fork of a stream with words of ``sends`` elements."""
        port = Port.of(network.streams[name], sends)
        return fork(port, branches(network, name, port.beats)).price(self.technology)
