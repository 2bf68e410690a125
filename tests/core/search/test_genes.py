# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate.errors import FlowError
from drawplate.search import Choice, Integer, OptionGenes, Product, read_gene

GENES = st.one_of(
    st.builds(
        lambda lo, span, step: Integer(lo, lo + span, step), st.integers(-9, 9), st.integers(0, 40), st.integers(1, 9)
    ),
    st.builds(Choice, st.lists(st.integers(-9, 9), min_size=1, unique=True), st.booleans()),
    st.builds(Choice, st.lists(st.text(), min_size=1, unique=True)),
)


@given(GENES)
def test_indices_and_values_are_one_to_one(gene):
    values = [gene.value(i) for i in range(gene.size)]
    assert [gene.index(value) for value in values] == list(range(gene.size))
    assert json.loads(json.dumps(values)) == values


@given(st.integers(-50, 50))
def test_the_nearest_legal_value_is_taken(value):
    gene = Integer(3, 20, 4)
    found = gene.value(gene.index(value))
    assert found in (3, 7, 11, 15, 19)
    assert all(abs(found - value) <= abs(other - value) for other in (3, 7, 11, 15, 19))


def test_what_is_not_listed_becomes_the_nearest_or_the_first():
    assert Choice((0.1, 0.5, 0.9)).index(0.8) == 2
    assert Choice(("kd", "dist")).index("crd") == 0
    assert Integer(2, 4).index("two") == 0


@pytest.mark.parametrize(
    ("said", "gene"),
    [
        ({"lo": 2, "hi": 9, "step": 3}, Integer(2, 9, 3)),
        ([1, 2.5, 4], Choice((1, 2.5, 4), ordered=True)),
        ([4, 1], Choice((4, 1))),
        (["kd", "dist"], Choice(("kd", "dist"))),
        (3, Choice((3,), ordered=True)),
        ("kd", Choice(("kd",))),
    ],
)
def test_flows_say_genes(said, gene):
    assert read_gene(said, "here") == gene


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"lo": 3, "hi": 2}, "lo <= hi"),
        ({"lo": 3}, "lo, hi, step"),
        ({"lo": 3, "hi": 4, "stp": 2}, "did you mean: step"),
        ({"lo": 3.5, "hi": 4}, "an integer"),
        ([], "at least one"),
        ([1, 1], "values that differ"),
    ],
)
def test_what_is_no_gene_is_refused(said, message):
    with pytest.raises(FlowError, match=message):
        read_gene(said, "here")


def test_option_genes_set_options_and_none_leaves_one_out():
    space = OptionGenes(genes={"distill.alpha": Choice((None, 0.5)), "fold.lut": Integer(1, 9)}, baseline={})
    assert space.express({"distill.alpha": 0.5, "fold.lut": 3}, None, None).options == {
        "distill": {"alpha": 0.5},
        "fold": {"lut": 3},
    }
    assert space.express({"distill.alpha": None, "fold.lut": 3}, None, None).options == {"fold": {"lut": 3}}


def test_a_product_merges_options_and_refuses_a_gene_of_two_spaces():
    one = OptionGenes(genes={"fit.lr": Choice((1, 2))}, baseline={"fit.lr": 1})
    two = OptionGenes(genes={"fit.batch": Choice((1, 2))}, baseline={"fit.batch": 2})
    both = Product((one, two))
    assert both.baseline == {"fit.lr": 1, "fit.batch": 2}
    assert both.express({"fit.lr": 2, "fit.batch": 1}, None, None).options == {"fit": {"lr": 2, "batch": 1}}
    with pytest.raises(FlowError, match=r"'fit\.lr' belongs to two"):
        Product((one, one))
