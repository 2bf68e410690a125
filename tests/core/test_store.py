# SPDX-License-Identifier: Apache-2.0
import json
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


DAMAGES = {
    "cut off": lambda data: data[: len(data) // 2],
    "zeroed": lambda data: bytes(len(data)),
    "empty": lambda data: b"",
    "a digit changed": lambda data: data.replace(b"91.25", b"91.35"),
    "nested": lambda data: b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_result_counts_as_absent_and_says_so(store, damage, caplog):
    store.write_result("k", {"a": 91.25})
    path = store.root / "results" / "k.json"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert store.read_result("k") is None
    assert "k.json" in caplog.text
    store.write_result("k", {"a": 91.25})
    assert store.read_result("k") == {"a": 91.25}


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_damaged_model_is_replaced(store, tiny, caplog):
    model = store.put_model(tiny)
    flip(model.path)
    assert not store.has_model(model.digest)
    assert store.put_model(tiny).proto() == tiny
    assert store.has_model(model.digest)
    assert "damaged" in caplog.text


@pytest.mark.parametrize("harm", ["flip", "delete"])
def test_a_damaged_build_is_replaced(store, harm):
    build = store.put_build("t", "abc", {}, {"rtl/top.v": b"module top; endmodule", "b": b"x"})
    path = build.path("rtl/top.v")
    flip(path) if harm == "flip" else path.unlink()
    assert not store.has_build(build.digest, build.files)
    store.put_build("t", "abc", {}, {"rtl/top.v": b"module top; endmodule", "b": b"x"})
    assert path.read_text() == "module top; endmodule"
    assert store.has_build(build.digest, build.files)


@pytest.mark.parametrize("harm", ["edit", "delete", "edit the sums"])
def test_changed_derived_data_are_made_again(store, harm, caplog):
    def make(folder):
        (folder / "stat.json").write_text('{"lut": 21}')

    stat = store.derived("synthesis", {"layer": 1}, make) / "stat.json"
    if harm == "edit":
        stat.write_text('{"lut": 12}')
    elif harm == "delete":
        stat.unlink()
    else:
        flip(stat.with_name(".sha256.json"))
    assert (store.derived("synthesis", {"layer": 1}, make) / "stat.json").read_text() == '{"lut": 21}'
    assert "made again" in caplog.text


def test_no_number_that_json_does_not_know_is_written(store):
    store.write_result("k", {"a": [float("nan"), float("inf"), -float("inf")]})
    text = (store.root / "results" / "k.json").read_text()
    json.loads(text, parse_constant=pytest.fail)
    assert store.read_result("k") == {"a": ["NaN", "Infinity", "-Infinity"]}


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


def test_another_result_in_the_place_of_one_is_not_taken_for_it(store):
    store.write_result("k", {"a": 1})
    store.write_result("other", {"a": 2})
    path = store.root / "results" / "k.json"
    path.write_bytes(path.with_name("other.json").read_bytes())
    assert store.read_result("k") is None
    for number in range(2):
        store.derived("kind", {"n": number}, lambda folder, n=number: (folder / "n").write_text(str(n)))
    first, second = sorted(store.root.glob("derived/kind/*"))
    first.rename(first.with_name("away"))
    second.rename(first)
    assert (store.derived("kind", {"n": 0}, lambda folder: (folder / "n").write_text("0")) / "n").read_text() == "0"
    assert (store.derived("kind", {"n": 1}, lambda folder: (folder / "n").write_text("1")) / "n").read_text() == "1"
