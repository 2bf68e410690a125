# SPDX-License-Identifier: Apache-2.0
"""ECP5's technology: its adder is right, its prices are those of synthesis and of placement."""

import numpy as np
import pytest

from drawplate_dataflow.cost.fitting import fit
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.hardware.library import FITTED
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.simulate.program import SimulationSettings
from drawplate_dataflow.simulate.simulation import run, steady_frames
from drawplate_dataflow.specimens.fuzz import random_chain, random_values
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_dataflow.technology import Table
from drawplate_target_ecp5.evidence import taken
from drawplate_target_ecp5.fitting.designs import DESIGNS, read_designs
from drawplate_target_ecp5.fitting.fit import record
from drawplate_target_ecp5.fitting.modules import read_modules, synthesise_module
from drawplate_target_ecp5.synthesis.count import count_netlist
from drawplate_target_ecp5.technology import ECP5
from drawplate_target_ecp5.technology.memory import block, ram


def right_at_gate_level(network):
    design = generate(network, ECP5)
    assert b"CCU2C" in design.files["dp_add2.v"]
    frames = random_values(network, steady_frames(design), 1)
    found = run(design, frames, SimulationSettings(gates=True, optimise=False))
    assert found.exact
    assert found.cycles_per_frame == design.cycles


@pytest.mark.verilator
def test_a_network_of_its_cells_is_right():
    """Carry chains as they are instantiated, memories with a register behind: outputs and clocks as planned."""
    shapes = [
        LayerShape(mh=6, pe=2, simd=4, weight_bits=3, output_bits=2),
        LayerShape(mh=4, pe=1, simd=3, weight_bits=2, output_bits=None),
    ]
    right_at_gate_level(random_mlp(12, unsigned(2), shapes))


@pytest.mark.slow
@pytest.mark.verilator
@pytest.mark.parametrize("seed", [2, 4, 7])
def test_networks_at_the_edges_are_right(seed):
    right_at_gate_level(random_chain(seed, 3))


def test_constants_are_those_of_the_table():
    constants = fit(read_modules(), ECP5)
    assert set(constants) == {row.module for row in read_modules()}
    assert dict(ECP5.constants) == constants


def test_estimates_of_placed_designs_are_within_the_error_that_goes_with_them():
    rows = read_designs()
    assert len(rows) >= 10
    assert [row.name for row in rows] == [name for name in DESIGNS if name in {row.name for row in rows}]
    found = record(rows, ECP5.constants)["designs"]
    assert (found["lut_worst"], found["ff_worst"]) == (ECP5.errors.lut, ECP5.errors.ff)
    for row in rows:
        guess = taken(row.network, ECP5)
        assert guess.lut == pytest.approx(row.placed.lut, rel=ECP5.errors.lut + 1e-3)
        assert guess.ff == pytest.approx(row.placed.ff, rel=ECP5.errors.ff + 1e-3)
        assert row.fmax_mhz >= 100, row.name


@pytest.mark.yosys
@pytest.mark.parametrize("name", ["dp_fifo", pytest.param("dp_control", marks=pytest.mark.slow)])
def test_a_module_of_the_table_is_synthesised_to_the_same_counts(name):
    row = next(row for row in read_modules() if row.module == name)
    assert synthesise_module(FITTED[name], row.parameters) == row.resources


def test_registers_and_blocks_of_modules_are_counted_exactly_or_nearly():
    rows = [row for row in read_modules() if row.module in {"dp_fifo", "dp_results", "dp_control", "dp_drain"}]
    for row in rows:
        counted = FITTED[row.module].count(row.values, ECP5)
        assert counted.ffs == pytest.approx(row.resources.ff, abs=1), row
        assert counted.ram == row.resources.ram, row


def test_tables_are_joined_from_luts_of_four_inputs():
    wide = Table("wide", 6, [index.bit_count() & 1 for index in range(64)])
    narrow = Table("narrow", 6, [index & 1 for index in range(64)])
    assert ECP5.table_luts(wide) == 4
    assert ECP5.table_luts(narrow) == 0, "a wire"


@pytest.mark.parametrize(
    ("bits", "depth", "blocks"), [(36, 512, 1), (37, 512, 2), (1, 16384, 1), (18, 2048, 2), (9, 64, 1)]
)
def test_memory_blocks_have_the_shapes_of_the_data_sheet(bits, depth, blocks):
    assert block(bits, depth).ram == blocks


def test_short_memories_are_made_of_luts():
    assert ram(8, 32).ram == 0
    assert ram(8, 32).luts == 6 * 2 * 2
    assert ram(8, 2048).ram == 1


def test_the_ends_of_carry_chains_are_counted():
    cells = {
        "first": {"type": "CCU2C", "connections": {"CIN": ["0"], "COUT": [2], "S0": [3]}},
        "second": {"type": "CCU2C", "connections": {"CIN": [2], "COUT": [4], "S0": [5]}},
        "reader": {"type": "LUT4", "connections": {"A": [4], "Z": [6]}},
        "register": {"type": "TRELLIS_FF", "connections": {"DI": [6], "Q": [7]}},
    }
    netlist = {"modules": {"top": {"attributes": {"top": "1"}, "cells": cells}}}
    found = count_netlist(netlist)
    assert found.lut == 2 * 2 + 1 + 2 + 2, "two CCU2C, a LUT, and where the chain is entered and left"
    assert found.ff == 1


def test_a_rom_in_luts_is_what_it_says():
    from drawplate_dataflow.technology import Rom, Style

    words = [int(word) for word in np.random.default_rng(0).integers(0, 8, 5)]
    text = ECP5.rom_text(Rom(name="r", purpose="weights", bits=3, depth=5, style=Style.LUT), words)
    for bit in range(3):
        column = sum(((word >> bit) & 1) << at for at, word in enumerate(words))
        assert f"8'h{column:x}" in text
