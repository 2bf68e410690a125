# SPDX-License-Identifier: Apache-2.0
"""The paper's quantizers, value by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate_quant_finn.grid import Grid, best_scale, weight_grid
from drawplate_quant_finn.quantizing.paper import (
    draw_figure_2,
    figure_2,
    fitting_power,
    paper_step,
    quantize_weights,
    quantized_tanh,
)

TABLE_1 = {
    0.136: (1, 0, 0, 0.25, 0.125, 0.125, 0.125, 0.140625),
    0.357: (1, 0, 0.5, 0.25, 0.375, 0.375, 0.34375, 0.359375),
    0.639: (1, 1, 0.5, 0.75, 0.625, 0.625, 0.625, 0.640625),
    1.135: (1, 1, 1, 1.25, 1.125, 1.125, 1.125, 1.140625),
    2: (1, 1, 1.5, 1.75, 1.875, 1.9375, 1.96875, 1.984375),
}
finite = st.floats(-1e3, 1e3, allow_nan=False)


@pytest.mark.parametrize("value", TABLE_1)
def test_table_1(value):
    assert tuple(float(quantize_weights(value, bits)) for bits in range(1, 9)) == TABLE_1[value]


@given(finite, st.integers(2, 8))
def test_eq_1_rounds_to_the_nearest_of_its_values(value, bits):
    step = 2.0 ** -(bits - 2)
    allowed = np.arange(-(2 ** (bits - 1) - 1), 2 ** (bits - 1)) * step
    assert len(allowed) == 2**bits - 1
    assert allowed[-1] == 2 - step
    found = float(quantize_weights(value, bits))
    assert found in allowed
    assert abs(found - value) == np.abs(allowed - value).min()


@given(st.lists(finite, min_size=1, max_size=20), st.integers(1, 8), st.booleans(), st.booleans())
def test_quantizing_twice_changes_nothing(values, bits, signed, narrow):
    grid = Grid(bits, signed, narrow and (signed or bits > 1))
    once = grid.quantized(values, 0.25)
    assert (grid.quantized(once, 0.25) == once).all()


@given(st.lists(st.floats(0.001, 100), min_size=2, max_size=50))
def test_fitting_power_brings_the_largest_into_the_range(values):
    power = fitting_power(values)
    assert np.log2(power).is_integer()
    assert 1 < max(values) * power <= 2


def test_best_scale_is_not_worse_than_the_whole_range():
    values = np.abs(np.random.default_rng(0).normal(size=5000))
    grid = Grid(3, signed=False)

    def error(scale):
        return np.square(grid.quantized(values, scale) - values).mean()

    assert error(best_scale(values, grid)) < 0.5 * error(values.max() / grid.high)


def test_best_scale_of_nothing_is_positive():
    assert best_scale(np.zeros(3), Grid(3, signed=False)) > 0
    assert best_scale(np.zeros(3), weight_grid(1)) > 0


def test_figure_2():
    curves = figure_2()
    assert set(curves) == {"tanh", "1 bits", "2 bits", "3 bits", "4 bits"}
    for bits in range(2, 5):
        levels = {round(y, 9) for _, y in curves[f"{bits} bits"]}
        assert len(levels) == 2**bits - 1
        assert (min(levels), max(levels)) == (-1, 1)
    x = np.linspace(-3, 3, 100)
    assert np.abs(quantized_tanh(x, 8) - np.tanh(x)).max() <= 0.5 / 127 + 1e-12


def test_steps():
    assert [paper_step(bits) for bits in (1, 2, 3, 8)] == [1, 1, 0.5, 1 / 64]


def test_figure_2_is_drawn(tmp_path):
    pytest.importorskip("plotly")
    draw_figure_2(tmp_path / "figure.html")
    assert "4 bits" in (tmp_path / "figure.html").read_text(encoding="utf-8")
