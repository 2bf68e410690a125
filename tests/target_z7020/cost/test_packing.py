# SPDX-License-Identifier: Apache-2.0
import csv
from pathlib import Path

import pytest
from attrs import evolve

from drawplate_dataflow.hardware.chains import carry_chains, units
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020 import fitting
from drawplate_target_z7020.packing import POSITIONS_OFF, SLICES_OFF, pack
from drawplate_target_z7020.parts import find_part
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.xc7.positions import positions

with (Path(fitting.__file__).parent / "packing.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [
        {key: value if key == "design" else int(value) for key, value in row.items()} for row in csv.DictReader(file)
    ]

with (Path(fitting.__file__).parent / "chain_ends.csv").open(encoding="utf-8", newline="") as file:
    ENDS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["design"])
def test_positions_and_slices_are_those_that_were_placed(row):
    packed = pack(row["lut"], row["chains"], ("MatMul",) * row["units"])
    assert packed.positions == pytest.approx(row["positions"], rel=POSITIONS_OFF)
    assert packed.slices == pytest.approx(row["slices"], rel=SLICES_OFF)


@pytest.mark.parametrize("row", ENDS, ids=lambda row: f"{row['kind']} {row['shape']}")
def test_no_more_ends_of_chains_were_counted_than_a_layer_is_given(row):
    given = positions(0, float(row["chains"]), (row["kind"],)) - positions(0, 0, ())
    assert int(row["ends"]) <= 1.03 * given


def test_kinds_that_were_not_placed_have_a_longer_error_bar():
    known, others = pack(10_000, 100, ("MatMul",) * 8), pack(10_000, 100, ("Window", "Pad", "Add", "new") * 2)
    assert known.positions_off == pytest.approx(POSITIONS_OFF * known.positions)
    assert others.positions_off - POSITIONS_OFF * others.positions == pytest.approx(0.2 * 2 * (60 + 40 + 4 + 64))
    assert others.slices_off > SLICES_OFF * others.slices


def test_a_network_of_many_small_layers_is_mostly_ends():
    """A fork has a FIFO for each way out but one."""
    shape = LayerShape(mh=8, pe=1, simd=1, weight_bits=2, output_bits=2)
    network = random_mlp(8, unsigned(2), [shape, shape], 1)
    one = network.layers[1]
    split = evolve(network, layers=(network.layers[0], one, evolve(one, name="third")))
    assert units(network) == ("MatMul", "MatMul")
    assert units(split) == ("MatMul", "MatMul", "MatMul", "fork")


def test_a_design_that_did_not_place_is_beyond_what_was_shown():
    packed, part = pack(44309, 2161, ("MatMul",) * 4), find_part("pynq-z2")
    assert packed.positions == pytest.approx(49316, rel=0.01)
    assert packed.slices > part.placed_slices * part.budget.lut / 4
    assert "89%" in packed.said(part)
    assert not packed.fits(part), "it has more slices than the part"
    assert pack(35_206, 1080, ("MatMul",) * 4).fits(part), "this one was placed"
    assert not pack(52_000, 2161, ("MatMul",) * 4).fits(part)


def test_chains_are_the_adders_of_all_elements():
    shapes = [
        LayerShape(mh=256, pe=pe, simd=simd, weight_bits=3, output_bits=3) for pe, simd in ((4, 49), (8, 8), (8, 8))
    ]
    shapes.append(LayerShape(mh=10, pe=1, simd=4, weight_bits=3, output_bits=None))
    network = random_mlp(784, unsigned(8), shapes, 1)
    assert carry_chains(network, XC7) == ROWS[1]["chains"], "the folding of 1,024 cycles"
