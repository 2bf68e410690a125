# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from primitives import Primitives

from drawplate_dataflow.hardware.dot import product_table
from drawplate_dataflow.technology import Table
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.xc7.tables import LUT_INPUTS, map_table


def looked_up(table):
    """Evaluate a table's LUTs for every input."""
    indexes = np.arange(1 << table.inputs)
    out = Primitives().look_up(table, [((indexes >> bit) & 1).astype(np.uint8) for bit in range(table.inputs)])
    return sum(level.astype(int) << at for at, level in enumerate(out))


@given(
    st.integers(1, LUT_INPUTS).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.integers(0, 31), min_size=1 << n, max_size=1 << n))
    )
)
def test_luts_hold_the_table(case):
    inputs, values = case
    table = Table("t", inputs, values)
    assert np.array_equal(looked_up(table), values)
    assert XC7.table_luts(table) <= table.width


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
        map_table(Table("t", 7, [0] * 128))


def test_two_narrow_bits_share_a_lut():
    assert XC7.table_luts(Table("t", 5, [index & 3 for index in range(32)])) == 1


def test_a_wrong_bit_is_seen():
    """The checks above can fail: a table is not what LUTs of another table hold."""
    table = Table("t", 3, [index.bit_count() for index in range(8)])
    wrong = Table("t", 3, [*table.values[:-1], 2])
    assert not np.array_equal(looked_up(wrong), table.values)
