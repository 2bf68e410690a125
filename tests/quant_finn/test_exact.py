# SPDX-License-Identifier: Apache-2.0
"""Exact numbers, the borders of codes, and thresholds, against the plain definitions."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate.input_codes import MODES, InputCodes, input_codes, round_as, rounding_mode
from drawplate_quant_finn.lowering.exact.functions import AtLeast, Clip, Leaky, Line, Logistic, holds
from drawplate_quant_finn.lowering.exact.number import (
    approximately,
    ceiling,
    exponential,
    floor,
    interval,
    inverse,
    logarithm,
    negated,
    root,
    sign,
    times,
)
from drawplate_quant_finn.lowering.exact.rounding import BEGINS, rounded
from drawplate_quant_finn.lowering.exact.thresholds import Asked, levels

fractions = st.fractions(min_value=-9, max_value=9, max_denominator=16)
positive = st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=50)


@given(positive, st.integers(-1000, 1000))
def test_roots_are_squeezed(x, factor):
    found = times(root(x), Fraction(factor))
    low, high = interval(found, 96)
    assert low * abs(low) <= factor * abs(factor) * x <= high * abs(high)
    assert ceiling(found) - (0 if ceiling(found) == floor(found) else 1) == floor(found)
    assert sign(found) == (factor > 0) - (factor < 0)


@given(positive)
def test_logarithms_undo_exponentials(x):
    with localcontext() as context:
        context.prec = 60
        expected = (Decimal(x.numerator) / Decimal(x.denominator)).ln()
    assert abs(Fraction(expected) - Fraction(approximately(logarithm(x)))) < Fraction(1, 10**12)
    assert math.isclose(approximately(exponential(logarithm(x))), float(x), rel_tol=1e-12)
    assert math.isclose(approximately(inverse(root(x))), float(x) ** -0.5, rel_tol=1e-12)


@given(fractions, st.sampled_from(MODES), st.integers(-9, 9))
def test_codes_begin_where_rounding_says(r, mode, code):
    assert holds(BEGINS[mode](code), r) == (rounded(r, mode) >= code)
    assert round_as(mode)(np.float32(float(r))) == rounded(r, mode)


FUNCTIONS = [
    Line(Fraction(3, 2), Fraction(-1, 3)),
    Line(Fraction(-2), Fraction(1)),
    Line(Fraction(0), Fraction(1, 2)),
    Line(negated(root(Fraction(2))), Fraction(1, 4)),
    Leaky(),
    Leaky(Fraction(1, 3)),
    Clip(Fraction(-1), Fraction(2)),
    Clip(None, Fraction(0)),
    Logistic(-1, 2),
    Logistic(0, 1),
]


@given(st.lists(st.sampled_from(FUNCTIONS), max_size=4), fractions, fractions, st.booleans())
def test_a_condition_goes_back_through_functions(chain, x, border, is_open):
    value, condition = x, AtLeast(border, is_open)
    for function in chain:
        value = function.at(value)
    expected = holds(condition, value)
    for function in reversed(chain):
        if isinstance(condition, bool):
            break
        condition = function.before(condition)
    assert (condition if isinstance(condition, bool) else holds(condition, x)) == expected


@given(
    st.sampled_from(MODES),
    st.sampled_from([Fraction(1, 4), Fraction(-1, 2), Fraction(0), Fraction(3, 7), root(Fraction(3)), Fraction(1, 8)]),
    fractions,
)
def test_levels_count_codes(mode, scale, shift):
    found = levels(Asked.of([BEGINS[mode](code) for code in range(-3, 5)]), scale, shift)
    line = Line(scale, shift)
    for n in range(-30, 31):
        code = sum(holds(BEGINS[mode](code), line.at(Fraction(n))) for code in range(-3, 5))
        assert sum((found.direction or 1) * n >= level for level in found.reached) == code


@pytest.mark.parametrize("mode", ["ROUND", "half_even", "Floor", "ROUND_TO_ZERO", "CEIL", "UP", "DOWN", "HALF_UP"])
def test_input_codes_survive_their_metadata(mode):
    from tests.quant_finn.models import mlp

    proto = mlp()
    codes = InputCodes(
        bits=4, signed=True, narrow=True, scale=0.1, rounding=rounding_mode(mode), zero_point=3.0, offset=3
    )
    codes.record(proto)
    assert input_codes(proto) == codes
    plain = InputCodes(bits=8, signed=False, scale=0.5)
    plain.record(proto)
    assert input_codes(proto) == plain
    assert len(proto.metadata_props) == 4
