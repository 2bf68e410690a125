# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping
from typing import Literal

import jsonschema
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from drawplate.errors import FlowError
from drawplate.options import as_table, json_schema, option, read_options


@frozen(kw_only=True)
class Inner:
    bits: int = option("Bits.", at_least=1, at_most=8)


@frozen(kw_only=True)
class Options:
    epochs: int = option("Passes over the data.", default=10, at_least=1)
    rate: float = option("Learning rate.", default=0.1, above=0)
    kind: str = option("Which one.", default="sgd", choices=("sgd", "adam"))
    mode: Literal["a", "b"] = option("Mode.", default="a")
    sizes: tuple[int, ...] = option("Widths.", default=(4, 5), at_least=1)
    layers: Mapping[str, Inner] = option("By layer.", default={})
    note: str | None = option("Free text.", default=None)
    flag: bool = option("A flag.", default=False)


def test_defaults():
    assert read_options(Options, {}, "here") == Options()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"epoch": 3}, "did you mean: epochs"),
        ({"epochs": 0}, "at least 1"),
        ({"epochs": "3"}, "allowed: integer"),
        ({"epochs": True}, "allowed: integer"),
        ({"epochs": 1.5}, "allowed: integer"),
        ({"rate": 0}, "more than 0"),
        ({"kind": "adm"}, "did you mean: adam"),
        ({"mode": "c"}, "allowed: a, b"),
        ({"sizes": 4}, "list of integer"),
        ({"sizes": [4, 0]}, "at least 1"),
        ({"layers": {"conv": {"bits": 9}}}, "layers.*conv.*bits"),
        ({"layers": {"conv": {}}}, "'bits' is missing"),
        ({"flag": 1}, "true or false"),
    ],
)
def test_each_mistake_is_named(table, said):
    with pytest.raises(FlowError, match=f"(?s){said}") as raised:
        read_options(Options, table, "f.toml, step 1 (x)")
    assert "f.toml, step 1 (x)" in str(raised.value)


tables = st.fixed_dictionaries(
    {},
    optional={
        "epochs": st.integers(1, 10**6),
        "rate": st.floats(1e-9, 1e9),
        "kind": st.sampled_from(["sgd", "adam"]),
        "sizes": st.lists(st.integers(1, 99)),
        "layers": st.dictionaries(st.text(), st.fixed_dictionaries({"bits": st.integers(1, 8)})),
        "note": st.text(),
        "flag": st.booleans(),
    },
)


@given(tables)
def test_round_trip_and_schema_agree(table):
    read = read_options(Options, table, "here")
    plain = {key: value for key, value in as_table(read).items() if value is not None}
    assert read_options(Options, plain, "here") == read
    jsonschema.validate(plain, json_schema(Options))


def test_schema_refuses_what_reading_refuses():
    for table in ({"epoch": 3}, {"epochs": 0}, {"kind": "adm"}, {"mode": "c"}, {"sizes": [0]}, {"flag": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(table, json_schema(Options))


def test_a_result_depends_on_a_files_contents_not_on_its_path(tmp_path):
    from drawplate.options import key_table

    @frozen(kw_only=True)
    class WithFile:
        folding: str | None = option("A file.", default=None, file=True)

    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("a")
    assert key_table(WithFile(folding=str(one))) == key_table(WithFile(folding=str(two)))
    before = key_table(WithFile(folding=str(one)))
    one.write_text("b")
    assert key_table(WithFile(folding=str(one))) != before
    assert key_table(WithFile()) == {"folding": None}
