# SPDX-License-Identifier: Apache-2.0
"""The fifth judge: the RTL of a network, folded at random, clock by clock."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from attrs import evolve

from differential.verdict import Finding
from drawplate import DrawplateError
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import Network
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.specimens.fuzz import random_values
from drawplate_dataflow.technology import GENERIC

FRAMES = 6
ROUNDS = 40


def simulate(network: Network, seed: int, *, whole: bool) -> None:
    """Compare a random folding with the golden model, every output of every frame.

    Args:
        network: as it was lowered.
        seed: of folding, input and pauses.
        whole: at full rate, where the clocks per frame are compared too; else with random pauses.

    Raises:
        Finding: when they differ, the design gets stuck, or cannot be built.
    """
    folded = _folded(network, random.Random(seed))
    rate = 100 if whole else 60
    settings = SimulationSettings(optimise=False, valid=rate, ready=rate, seed=seed % 1000 + 1)
    try:
        design = generate(folded, GENERIC)
        result = run(design, random_values(folded, FRAMES, seed), settings)
    except DrawplateError as error:
        raise Finding("rtl", f"late: {error.message}") from error
    if not result.exact:
        raise Finding("rtl", f"{result.mismatches} of {FRAMES} frames differ, first in {result.first_differing_layer}")
    if whole and not np.isnan(result.cycles_per_frame) and result.cycles_per_frame != design.cycles:
        seen = f"{result.cycles_per_frame} clocks per frame, {design.cycles} planned"
        raise Finding("cycles", f"{seen}: {_shape(folded)}")


def _folded(network: Network, dice: random.Random) -> Network:
    """Fold every layer at random, legally; again where no hardware can drain it."""
    for _ in range(ROUNDS):
        layers = (
            layer.folded(dice.choice(list(layer.foldings(network.sources(layer), GENERIC, 220))))
            for layer in network.layers
        )
        folded = evolve(network, layers=tuple(layers))
        if _buildable(folded):
            return folded
    return network


def _buildable(network: Network) -> bool:
    try:
        for layer in network.layers:
            layer.check(network.sources(layer))
    except DrawplateError:
        return False
    return True


def _shape(network: Network) -> str:
    def said(layer: Any) -> str:
        folding = [f"{key}={value}" for key, value in layer.finn_attributes().items()]
        return " ".join([type(layer).__name__, *folding])

    return ", ".join(map(said, network.layers))
