# SPDX-License-Identifier: Apache-2.0
"""Reading the sum of methods and completing it with published settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate.errors import BrokenPlugin, FlowError
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.methods import NAMES, own_methods
from drawplate_kd_repdistill.mixture import Wanted, read_mixture

METHODS = own_methods()


def read(method="kd", **settings):
    return read_mixture(Wanted(method=method, **settings), METHODS)


def test_kd_alone_weighs_the_cross_entropy_with_one_minus_alpha():
    assert (read().alpha, read().gamma) == pytest.approx((0.9, 0.1))
    assert read(alpha=0.3).gamma == pytest.approx(0.7)
    assert read(alpha=0.3, gamma=1.0).gamma == 1.0
    with pytest.raises(FlowError, match="set gamma too"):
        read(alpha=2.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_alone_has_its_published_setting(name):
    mixture, method = read(name), METHODS[name]
    (part,) = mixture.parts
    assert (part.weight, mixture.alpha) == (method.weight, method.alpha)
    assert Need.LOGITS in mixture.needs
    assert method.source
    assert name in str(mixture)


def test_a_sum_has_alpha_and_gamma_one_as_repdistiller_has_for_x_plus_kd():
    mixture = read("crd + kd")
    assert [(part.name, part.weight) for part in mixture.parts] == [("crd", 0.8), ("kd", 1.0)]
    assert (mixture.alpha, mixture.gamma) == (1.0, 1.0)
    assert mixture.needs == {Need.EMBEDDING, Need.LOGITS}


def test_weights_in_a_sum_and_in_a_table_mean_the_same():
    assert read("0.5*crd + 2 * kd") == read({"crd": {"weight": 0.5}, "kd": {"weight": 2}})


def test_temperature_reaches_every_method_that_has_one_and_is_not_told_otherwise():
    mixture = read({"kd": {}, "dkd": {"temperature": 3.0}, "hint": {}}, temperature=8.0)
    assert [getattr(part.options, "temperature", None) for part in mixture.parts] == [8.0, 3.0, None]
    with pytest.raises(FlowError, match="temperature has no meaning for attention"):
        read("attention", temperature=8.0)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("kdd", "did you mean: kd"),
        ("kd + kd", "named twice"),
        ("kd +", "cannot read"),
        ("-1*kd", "cannot read"),
        (".*kd", "cannot read"),
        ("", "cannot read"),
        ({}, "no method is named"),
        ({"kd": {"temprature": 2.0}}, "did you mean: temperature"),
        ({"kd": {"temperature": 0.0}}, "more than 0"),
        ({"kd": {"weight": -1}}, "at least 0"),
        ({"kd": {"weight": True}}, "at least 0"),
    ],
)
def test_mistakes_are_told_in_one_message(method, message):
    with pytest.raises(FlowError, match=message):
        read(method)


def test_a_contribution_of_another_type_is_blamed_by_name():
    with pytest.raises(BrokenPlugin, match="'mine' is a int"):
        read_mixture(Wanted(method="mine"), {"mine": 3})


@given(st.text(alphabet="kd crd+*.0123456789e-hint", max_size=24))
def test_any_text_is_read_or_refused(text):
    try:
        mixture = read(text)
    except FlowError:
        return
    assert mixture.parts
    assert all(part.weight >= 0 for part in mixture.parts)
