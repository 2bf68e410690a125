# SPDX-License-Identifier: Apache-2.0
"""Netlists of processing elements, cell by cell, for families of several shapes."""

import numpy as np
import pytest
from families import FAMILIES
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate_dataflow.hardware.dot import DotSpec, build
from drawplate_dataflow.hardware.encode import WeightCode
from drawplate_dataflow.hardware.evaluate import evaluate
from drawplate_dataflow.hardware.netlist import AddCell, TableCell


def levels(name, codes, bits):
    """Nets of a vector that packs [vectors, lanes] codes."""
    return {
        f"{name}[{lane * bits + bit}]": ((codes[:, lane] >> bit) & 1).astype(np.uint8)
        for lane in range(codes.shape[1])
        for bit in range(bits)
    }


def check(family, magnitude, x_bits, simd, seed, vectors=64):
    rng = np.random.default_rng(seed)
    code, top = WeightCode(magnitude), (1 << x_bits) - 1
    bits = (8 * simd * code.largest * top + 1).bit_length()
    dot = build(DotSpec(code, x_bits, simd, bits, family))
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
    values = evaluate(dot.netlist, inputs, dot.latency)
    found = sum(values[bit].astype(np.int64) << at for at, bit in enumerate(dot.total))
    products = np.abs(w) * np.where(w < 0, top - x, x)
    assert dot.resources == dot.netlist.resources
    assert np.array_equal(found, (products.sum(1) + np.where(first, 0, old)) % (1 << bits))
    return dot


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("simd", [1, 4, 16])
@pytest.mark.parametrize(("w", "a"), [(1, 1), (1, 2), (2, 1), (3, 3), (3, 8), (6, 6)])
def test_usual_widths(family, w, a, simd):
    check(family, w - 1, a, simd, seed=simd)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(FAMILIES),
    st.integers(0, 7),
    st.integers(1, 8),
    st.integers(1, 24),
    st.integers(0, 2**32 - 1),
)
def test_any_widths(family, magnitude, x_bits, simd, seed):
    check(family, magnitude, x_bits, simd, seed)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_tables_and_adders_are_no_larger_than_the_family_makes(family):
    net = build(DotSpec(WeightCode(3), 5, 8, 14, family)).netlist
    tables, adders = ([cell for cell in net.cells if isinstance(cell, kind)] for kind in (TableCell, AddCell))
    assert max(cell.table.inputs for cell in tables) == family.table_inputs
    assert {len(cell.operands) for cell in adders} == {family.adder_operands}
