# SPDX-License-Identifier: Apache-2.0
"""The longest paths are a threshold in block RAM, a LUT and the carry chain of the comparison."""

import pytest

from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.synthesis.depth import logic_depths
from drawplate_target_z7020.xc7 import XC7

pytestmark = pytest.mark.yosys


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "inputs", "outputs", "nanoseconds"), [(3, 3, 3, 3.6), (1, 1, 1, 3.6), (8, 8, 5, 4.0)]
)
def test_no_path_has_become_longer(weights, inputs, outputs, nanoseconds, tmp_path):
    shape = LayerShape(mh=256, pe=4, simd=16, weight_bits=weights, output_bits=outputs)
    found = logic_depths(generate(random_mlp(256, unsigned(inputs), [shape]), XC7), Store(tmp_path).derived)
    assert 1 < found["matmul0"] <= nanoseconds
