# SPDX-License-Identifier: Apache-2.0
"""How many weights share a DSP48E1, and what a block saves."""

import pytest

from drawplate_dataflow.hardware.dot import DotSpec
from drawplate_dataflow.hardware.encode import WeightCode
from drawplate_dataflow.layers.matmul.blocks import choose, saved
from drawplate_target_z7020.xc7 import XC7


def spec(magnitude, x_bits, simd, bits):
    return DotSpec(WeightCode(magnitude), x_bits, simd, bits, XC7)


@pytest.mark.parametrize(
    ("w", "a", "simd", "bits", "weights", "adds_up"),
    [(3, 8, 49, 19, 2, True), (4, 8, 16, 19, 2, False), (3, 3, 16, 13, 3, False), (2, 2, 16, 11, 4, False)],
)
def test_weights_per_block(w, a, simd, bits, weights, adds_up):
    packing = choose(spec(w - 1, a, simd, bits))
    assert (packing.weights, packing.adds_up) == (weights, adds_up)


def test_blocks_save_most_where_elements_are_wide():
    wide, narrow = spec(2, 8, 49, 19), spec(0, 1, 16, 9)
    assert saved(choose(wide), wide) > 30
    assert saved(choose(narrow), narrow) < 5
