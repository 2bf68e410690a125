# SPDX-License-Identifier: Apache-2.0
"""A folding that is looked for has room on the part, carry chains included."""

import pytest

from drawplate import Board
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.folding.available import available
from drawplate_dataflow.folding.decide import decide
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.hardware.chains import carry_chains, units
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.xc7 import XC7

HAVE = 2400.0


@pytest.fixture(scope="module")
def network():
    """Two-bit weights: many small adders, hence many chains per LUT."""
    shape = LayerShape(mh=64, pe=1, simd=1, weight_bits=2, output_bits=2)
    last = LayerShape(mh=10, pe=1, simd=1, weight_bits=2, output_bits=None)
    return random_mlp(128, unsigned(2), [shape, shape, last], 1)


def found(network, **options):
    board = Board(
        name="small", part="a small part", target="z7020", source="a test",
        budget={"lut": HAVE, "ff": 4 * HAVE, "bram18": 100.0, "dsp": 0.0},
    )  # fmt: skip
    whole = available(FoldOptions(board="small", **options), network, {"small": board}, {"z7020": XC7})
    problem = Problem(network, CostModel(XC7), port=None, multipliers=0)
    return decide(problem, FoldOptions(board="small", **options), whole)


def packed(network, decision):
    chains = carry_chains(network.folded(decision.foldings), XC7)
    return XC7.packed(decision.plan.resources.lut, chains, units(network))


def test_what_is_chosen_without_a_ceiling_is_packed_into_the_part(network):
    decision = found(network)
    assert packed(network, decision) <= HAVE
    assert any("that a placer is taken to find in a small part" in note for note in decision.notes)


def test_a_ceiling_that_is_given_is_taken_as_it_is(network):
    decision = found(network, ceiling=0.85)
    assert packed(network, decision) > HAVE
    assert not any("that a placer is taken to find" in note for note in decision.notes)
    assert decision.plan.cycles < found(network).plan.cycles
