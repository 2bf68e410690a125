# SPDX-License-Identifier: Apache-2.0
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate.errors import StoreError
from drawplate.store import Store, result_key
from drawplate.store.keys import digest_of


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_equal_models_are_kept_once(store, tiny):
    first, second = store.put_model(tiny), store.put_model(tiny)
    assert first == second
    assert len(list(store.root.glob("objects/*/*"))) == 1
    assert first.proto() == tiny


def test_a_build_names_what_it_is_made_of(store, tmp_path):
    (tmp_path / "top.v").write_text("module top; endmodule")
    files = {"rtl/top.v": tmp_path / "top.v", "plan.txt": b"plan"}
    build = store.put_build("z7020", "abc", {"clock_mhz": 100}, files)
    assert build.path("rtl/top.v").read_text() == "module top; endmodule"
    assert store.put_build("z7020", "abc", {"clock_mhz": 100}, files) == build
    assert store.put_build("z7020", "abc", {"clock_mhz": 150}, files).digest != build.digest
    with pytest.raises(KeyError):
        build.path("other.v")


def test_a_build_stays_in_its_folder(store):
    with pytest.raises(StoreError, match="outside"):
        store.put_build("t", "abc", {}, {"../escape": b""})
    assert not (store.root.parent / "escape").exists()


def test_derived_data_are_made_once(store):
    calls = []

    def make(folder):
        calls.append(folder)
        (folder / "data").write_text("x")

    threads = [threading.Thread(target=store.derived, args=("logits", {"teacher": "a"}, make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert (store.derived("logits", {"teacher": "a"}, make) / "data").read_text() == "x"


def test_derived_data_that_fail_leave_nothing(store):
    def fail(folder):
        (folder / "half").write_text("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.derived("logits", {}, fail)
    assert not list(store.root.glob("derived/logits/*"))


def test_a_damaged_result_is_named(store):
    store.write_result("k", {"a": 1})
    (store.root / "results" / "k.json").write_text('{"a":')
    with pytest.raises(StoreError, match=r"(?s)k\.json.*delete"):
        store.read_result("k")


def test_an_unwritable_store_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--store"):
        Store(tmp_path / "file").folder("runs")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), json_values))
def test_a_digest_does_not_depend_on_the_order_of_keys(table):
    assert digest_of(table) == digest_of(dict(reversed(table.items())))


def test_everything_that_decides_a_result_is_in_its_key():
    base = {"call": "fit.train", "code": {"a": "1"}, "inputs": ("x", "y"), "settings": {"seed": 0}, "data": "d"}
    changed = [
        {"call": "fit.export"},
        {"code": {"a": "2"}},
        {"inputs": ("y", "x")},
        {"inputs": ("x",)},
        {"settings": {"seed": 1}},
        {"data": None},
    ]
    keys = {result_key(**base), *(result_key(**{**base, **change}) for change in changed)}
    assert len(keys) == len(changed) + 1
