# SPDX-License-Identifier: Apache-2.0
"""Which bits of carry chains take a placer a LUT that only passes on."""

import pytest

from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.fitting.ends import ends, mapped
from drawplate_target_z7020.xc7 import XC7


def cell(kind, inputs, outputs):
    directions = dict.fromkeys(inputs, "input") | dict.fromkeys(outputs, "output")
    return {"type": kind, "port_directions": directions, "connections": {**inputs, **outputs}}


def chain(s, co, read):
    """A chain whose sums are the nets from 20 on, some of which leave."""
    return {
        "cells": {
            "lut": cell("LUT2", {"I0": [1], "I1": [2]}, {"O": [10]}),
            "shared": cell("LUT2", {"I0": [1], "I1": [2]}, {"O": [11]}),
            "ff": cell("FDRE", {"D": [11], "C": [3]}, {"Q": [12]}),
            "carry": cell("CARRY4", {"S": s, "DI": ["0"] * 4}, {"O": [20, 21, 22, 23], "CO": co}),
        },
        "ports": {"y": {"direction": "output", "bits": read}},
    }


@pytest.mark.parametrize(
    ("s", "read", "expected"),
    [
        ([10, 11, 12, "0"], [20, 21, 22, 23], 3),
        ([10, 11, 12, "0"], [20, 21, 22], 2),
        ([10, 11, 12, "0"], [20], 0),
        ([12, 10, "1", "0"], [20, 21], 1),
        ([10, 12, 12, 12], [], 0),
    ],
)
def test_selects_that_no_lut_of_their_own_drives_are_counted(s, read, expected):
    assert ends(chain(s, [30, 31, 32, 33], read)) == expected


def test_a_carry_that_is_read_counts_its_bits():
    assert ends(chain([10, 12, 12, 12], [30, 31, 32, 33], [32])) == 2


@pytest.mark.yosys
def test_a_matrix_layer_has_as_many_as_were_fitted_to_placed_ones():
    shape = LayerShape(mh=32, pe=1, simd=8, weight_bits=3, output_bits=3)
    design = generate(random_mlp(64, unsigned(4), [shape], 1), XC7)
    (unit,) = design.layers
    adders = unit.resources.chains
    assert ends(mapped(design, unit)) == pytest.approx(48 + 2.2 * adders, rel=0.15)
