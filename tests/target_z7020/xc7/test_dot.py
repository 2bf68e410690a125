# SPDX-License-Identifier: Apache-2.0
"""Every processing element is checked gate by gate: INIT words and carry chains, not the loops of the fast model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from primitives import Primitives

from drawplate_dataflow.hardware.dot import DotSpec, build
from drawplate_dataflow.hardware.encode import WeightCode
from drawplate_dataflow.hardware.evaluate import evaluate
from drawplate_target_z7020.xc7 import XC7


def levels(name, codes, bits):
    """Nets of a vector that packs [vectors, lanes] codes."""
    return {
        f"{name}[{lane * bits + bit}]": ((codes[:, lane] >> bit) & 1).astype(np.uint8)
        for lane in range(codes.shape[1])
        for bit in range(bits)
    }


def check(magnitude, x_bits, simd, seed, vectors=64):
    rng = np.random.default_rng(seed)
    code, top = WeightCode(magnitude), (1 << x_bits) - 1
    bits = (8 * simd * code.largest * top + 1).bit_length()
    dot = build(DotSpec(code, x_bits, simd, bits, XC7))
    w = (
        rng.integers(-code.largest, code.largest + 1, (vectors, simd))
        if magnitude
        else rng.choice([-1, 1], (vectors, simd))
    )
    x = rng.integers(0, top + 1, (vectors, simd))
    # The extremes: everything largest, with either sign.
    w[0], x[0], w[1], x[1] = code.largest, top, -code.largest, 0
    old, first = rng.integers(0, 1 << (bits - 1), vectors), rng.integers(0, 2, vectors)
    inputs = levels("w", code.encode(w), code.bits) | levels("x", x, x_bits)
    inputs |= levels("acc", old[:, None], bits) | {"first": first.astype(np.uint8)}
    values = evaluate(dot.netlist, inputs, dot.latency, Primitives())
    found = sum(values[bit].astype(np.int64) << at for at, bit in enumerate(dot.total))
    products = np.abs(w) * np.where(w < 0, top - x, x)
    assert np.array_equal(found, (products.sum(1) + np.where(first, 0, old)) % (1 << bits))
    return dot


@pytest.mark.parametrize("simd", [1, 4, 7, 16, 49])
@pytest.mark.parametrize(
    ("w", "a"), [(1, 1), (1, 2), (1, 8), (2, 1), (2, 2), (3, 3), (3, 8), (4, 4), (6, 2), (6, 6), (8, 8)]
)
def test_usual_widths(w, a, simd):
    check(w - 1, a, simd, seed=simd)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 7), st.integers(1, 8), st.integers(1, 24), st.integers(0, 2**32 - 1))
def test_any_widths(magnitude, x_bits, simd, seed):
    check(magnitude, x_bits, simd, seed)


@pytest.mark.parametrize(
    ("w", "a", "most"),
    [
        (1, 1, 1.44),
        (2, 1, 2.26),
        (1, 2, 3.2),
        (2, 2, 3.2),
        (3, 3, 7.6),
        (3, 8, 18.8),
        (4, 4, 15.6),
        (6, 6, 36.8),
        (8, 8, 66.8),
    ],
)
def test_luts_per_product_do_not_grow(w, a, most):
    """LUTs per product and clock at SIMD = 16, with the accumulator that a 256-input layer needs."""
    code = WeightCode(w - 1)
    bits = (256 * code.largest * ((1 << a) - 1) + 1).bit_length()
    assert build(DotSpec(code, a, 16, bits, XC7)).netlist.luts / 16 <= most
