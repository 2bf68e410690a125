# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate_dataflow.hardware.dot import product_table
from drawplate_dataflow.hardware.evaluate import evaluate
from drawplate_dataflow.hardware.netlist import Netlist, nets
from drawplate_dataflow.hardware.table import LUT_INPUTS, make_table


def looked_up(table):
    """Evaluate a table's LUTs for every input."""
    net = Netlist()
    out = net.table(table, nets("i", table.inputs))
    indexes = np.arange(1 << table.inputs)
    inputs = {f"i[{bit}]": ((indexes >> bit) & 1).astype(np.uint8) for bit in range(table.inputs)}
    values = evaluate(net, inputs, 0)
    return sum(values[bit].astype(int) << at for at, bit in enumerate(out))


@given(
    st.integers(1, LUT_INPUTS).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.integers(0, 31), min_size=1 << n, max_size=1 << n))
    )
)
def test_luts_hold_the_table(case):
    inputs, values = case
    table = make_table("t", inputs, values)
    assert np.array_equal(looked_up(table), values)
    assert len(table.luts) <= table.width


@pytest.mark.parametrize(
    ("m_bits", "x_bits"), [(m, x) for m in range(5) for x in range(1, 6) if 1 + m + x <= LUT_INPUTS]
)
def test_product_tables_multiply(m_bits, x_bits):
    table = product_table(m_bits, x_bits)
    mask = (1 << x_bits) - 1
    found = looked_up(table)
    for index in range(1 << table.inputs):
        x, m, sign = index & mask, (index >> x_bits) & ((1 << m_bits) - 1), index >> (x_bits + m_bits)
        assert found[index] == (m if m_bits else 1) * (mask - x if sign else x)


def test_seven_inputs_are_refused():
    with pytest.raises(ValueError, match="at most 6 inputs"):
        make_table("t", 7, [0] * 128)


def test_two_narrow_bits_share_a_lut():
    assert len(make_table("t", 5, [index & 3 for index in range(32)]).luts) == 1
