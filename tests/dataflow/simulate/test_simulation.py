# SPDX-License-Identifier: Apache-2.0
"""Whole designs in Verilator against the golden model, every output of every frame."""

import shutil

import numpy as np
import pytest
from attrs import evolve
from simulators import needs_simulator

from drawplate.errors import DrawplateError, ToolMissing
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import Add, MatMul, Pad, Threshold, Window
from drawplate_dataflow.network import INPUT, Network, Stream, golden, spanning, unsigned
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.simulate.program import compile_design
from drawplate_dataflow.simulate.simulation import compare
from drawplate_dataflow.simulate.verilate import compiler
from drawplate_dataflow.specimens.fuzz import (
    in_blocks,
    random_chain,
    random_image,
    random_matrix,
    random_values,
)
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp
from drawplate_dataflow.technology import GENERIC

pytestmark = [pytest.mark.verilator, needs_simulator]

QUICK = SimulationSettings(optimise=False)
PRESSED = evolve(QUICK, valid=60, ready=70)


def check(network, settings, frames=12):
    design = generate(network, GENERIC)
    result = run(design, random_values(network, frames, 0), settings)
    assert result.exact, f"{network.name}: {result.mismatches} frames differ, first in {result.first_differing_layer}"
    if settings.valid == settings.ready == 100:
        assert result.cycles_per_frame == design.cycles


def residual():
    """A block with a branch past a convolution."""
    rng = np.random.default_rng(4)
    x = Stream(shape=(5, 6, 4), type=unsigned(3))
    layers = [Threshold(name="skip", inputs=(INPUT,), output=x, thresholds=np.sort(rng.integers(0, 9, (4, 7))), pe=2)]
    padded = Stream(shape=(7, 8, 4), type=x.type)
    layers.append(Pad(name="pad", inputs=(INPUT,), output=padded, top=1, left=1, bottom=1, right=1, simd=2))
    wide = Stream(shape=(5, 6, 36), type=x.type)
    layers.append(Window(name="window", inputs=("pad",), output=wide, kernel=(3, 3), stride=(1, 1), simd=4))
    matrix = random_matrix(rng, "matmul", "window", wide, sums=False)
    weights = rng.integers(-3, 4, (36, 4))
    sums = wide.type.decode(rng.integers(0, 8, (50, 36))) @ weights
    levels = np.sort(np.quantile(sums, [0.2, 0.4, 0.6], axis=0).T.astype(int))
    kind = evolve(matrix.weight_type, bits=3, low=-4, step=1)
    matrix = evolve(
        matrix,
        weights=weights,
        weight_type=kind,
        thresholds=levels,
        pe=2,
        simd=6,
        output=Stream(shape=(5, 6, 4), type=unsigned(2)),
    )
    total = Stream(shape=(5, 6, 4), type=spanning(0, 10))
    layers += [matrix, Add(name="sum", inputs=("matmul", "skip"), output=total, pe=1)]
    return Network(name="residual", input=x, layers=tuple(layers))


@pytest.mark.parametrize("seed", [3, 11])
def test_random_chains(seed):
    check(random_chain(seed, 6), QUICK)


def test_random_chain_under_back_pressure():
    check(random_chain(8, 6), PRESSED)


@pytest.mark.parametrize(("seed", "settings"), [(5, QUICK), (12, PRESSED), (20, evolve(PRESSED, gates=True))])
def test_random_chains_in_blocks(seed, settings):
    """Some or all processing elements of every layer multiply in multiplier blocks."""
    network = in_blocks(random_chain(seed, 3 if settings.gates else 6), seed)
    assert sum(layer.resources.multiplier for layer in generate(network, GENERIC).layers) > 0
    check(network, settings)


@pytest.mark.parametrize(("seed", "settings"), [(7, QUICK), (4, PRESSED)])
def test_random_images(seed, settings):
    check(random_image(seed), settings)


@pytest.mark.parametrize("settings", [QUICK, PRESSED])
def test_residual(settings):
    check(residual(), settings)


@pytest.mark.parametrize(("w", "a"), [(1, 1), (3, 3)])
def test_gates(w, a):
    """What is synthesised, tables, adders and ROMs, instead of loops."""
    hidden = LayerShape(mh=12, pe=3, simd=5, weight_bits=w, output_bits=a)
    long = LayerShape(mh=80, pe=1, simd=12, weight_bits=w, output_bits=a)
    last = LayerShape(mh=6, pe=2, simd=8, weight_bits=w, output_bits=None)
    check(random_mlp(20, activation_type(a), [hidden, long, last]), evolve(PRESSED, gates=True))


def test_a_mismatch_names_the_first_layer_that_differs():
    shape = LayerShape(mh=16, pe=4, simd=4, weight_bits=3, output_bits=3)
    network = random_mlp(16, unsigned(3), [shape, shape, evolve(shape, output_bits=None)])
    design = generate(network, GENERIC)
    record = design.layers[1]
    name = f"{record.module}_dot.v"
    broken = design.files[name].replace(b"total = 0;", b"total = 1;")
    assert broken != design.files[name]
    result = run(evolve(design, files={**design.files, name: broken}), random_values(network, 8, 0), QUICK)
    assert not result.exact
    assert result.first_differing_layer == record.name


def test_a_stuck_design_is_reported():
    design = generate(random_chain(2, 2), GENERIC)
    name = "dp_control.v"
    dead = design.files[name].replace(b"- price + returned", b"- price")
    assert dead != design.files[name]
    with pytest.raises(DrawplateError, match="stuck"):
        run(evolve(design, files={**design.files, name: dead}), random_values(design.network, 200, 0), QUICK)


def test_a_waveform_is_written(tmp_path):
    network = random_chain(2, 1)
    result = run(generate(network, GENERIC), random_values(network, 2, 0), evolve(QUICK, trace=True, folder=tmp_path))
    assert result.exact
    assert "$enddefinitions" in (tmp_path / "trace.vcd").read_text()[:20000]


def test_without_a_compiler_the_message_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(ToolMissing, match="C\\+\\+ compiler"):
        compiler()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 150))
def test_three_hundred_layer_configurations(seed):
    """50 chains of 6 matrix layers; every other one under back-pressure."""
    network = random_chain(seed, 6)
    assert sum(isinstance(layer, MatMul) for layer in network.layers) == 6
    check(network, PRESSED if seed % 2 else QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(300, 316))
def test_a_hundred_layers_in_blocks(seed):
    """16 chains of 6 matrix layers; every fourth one at gate level, every other one under back-pressure."""
    check(in_blocks(random_chain(seed, 6), seed), evolve(PRESSED if seed % 2 else QUICK, gates=seed % 4 == 0))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 120))
def test_more_random_images(seed):
    check(random_image(seed), PRESSED if seed % 2 else QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(200, 204))
def test_random_chains_at_gate_level(seed):
    check(random_chain(seed, 3), evolve(QUICK, gates=True))


def test_golden_agrees_with_itself():
    """The frames that tests draw are inside the input type, so the golden model accepts them."""
    network = random_chain(1, 2)
    assert golden.run(network, random_values(network, 4, 0)).shape == (4, *network.output.shape)


def test_frames_that_left_are_told(tmp_path):
    network = residual()
    design = generate(network, GENERIC)
    program = compile_design(design, tmp_path, QUICK)
    told = []
    compare(program, random_values(network, 9, 0), QUICK, told.append)
    assert sum(told) == 9
