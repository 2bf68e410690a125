# SPDX-License-Identifier: Apache-2.0
"""A device family that a plugin from outside contributes in one file is folded for, priced and generated."""

from pathlib import Path

import pytest

from drawplate.plugins import Plugins
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.evidence import estimate_layers
from drawplate_dataflow.folding.available import available
from drawplate_dataflow.folding.decide import decide
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.resources import total
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp

PLUGIN = Path(__file__).parents[3] / "docs" / "examples" / "technology_ice40" / "ice40.py"


@pytest.fixture
def plugins():
    return Plugins([PLUGIN])


def test_a_network_is_folded_for_its_board_and_generated(plugins):
    options = FoldOptions(board="icebreaker")
    shapes = [LayerShape(mh=12, pe=1, simd=1, weight_bits=2, output_bits=2)]
    network = random_mlp(24, unsigned(2), [*shapes, LayerShape(mh=4, pe=1, simd=1, weight_bits=2, output_bits=None)])
    whole = available(options, network, plugins.contributions("boards"), plugins.contributions("technologies"))
    assert [label.name for label in whole.labels] == ["lc", "ff", "ebr", "dsp"]
    found = decide(Problem(network, CostModel(whole.technology)), options, whole)
    assert " LC" in found.notes[0]
    folded = network.folded(found.foldings)
    design = generate(folded, whole.technology)
    assert design.technology is whole.technology
    estimates = estimate_layers(folded, CostModel(whole.technology))
    taken = total(estimate.resources for estimate in estimates.values())
    assert taken == total(layer.resources for layer in design.layers)
    assert taken.fits(whole.goal.budget)
    assert not any(layer.dsp_pe for layer in folded.layers)


def test_the_page_shows_the_example_as_it_is_tested():
    page = (PLUGIN.parents[2] / "how-to" / "technology.md").read_text(encoding="utf-8")
    assert f"```python\n{PLUGIN.read_text(encoding='utf-8')}```" in page
