# SPDX-License-Identifier: Apache-2.0
"""Labels are whole numbers from 0 without gaps, or one message says what else they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from drawplate.data.labels import MOST, class_labels, class_names
from drawplate.errors import DataError, DrawplateError

from .conftest import load

X = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8)
K = np.arange(60) % 3


def write(folder, y_train, y_test=None, x_train=X, x_test=X[:30]):
    y_test = np.asarray(y_train)[:30] if y_test is None else y_test
    np.savez(folder / "labels.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return folder / "labels.npz"


def classes_of(folder, *arrays, **options):
    return load(name="npz", path=write(folder, *arrays), **options).classes


@pytest.mark.parametrize("kind", [int, np.uint8, np.int8, np.uint64, np.float16, float])
@pytest.mark.parametrize("column", [False, True])
def test_whole_numbers_of_any_type_are_classes(kind, column, tmp_path):
    y = K.astype(kind)
    data = load(name="npz", path=write(tmp_path, y[:, None] if column else y))
    assert data.classes == ("0", "1", "2")
    assert data.split("test").y.dtype == np.int64
    np.testing.assert_array_equal(data.split("test").y, K[:30])


WRONG = {
    "fractions": (K / 2, r"are no whole numbers \(0\.5\)(.|\n)*regression"),
    "gap": (np.array([3, 7, 1000])[K], "no training label is 0, 1, 2, 4, 5, ..., but some are 1000"),
    "huge": (np.array([20260101, 20260102, 20260103])[K] * 10, "labels go from 202,601,010 to 202,601,030"),
    "beyond all": (np.where(K == 1, 10**12, K), "labels go from 0 to 1,000,000,000,000"),
    "beyond int64": (np.where(K == 1, np.uint64(2**63 + 7), K.astype(np.uint64)), "labels go from 0 to 9,223,372"),
    "negative": (K - 1, "labels go from -1 to 1"),
    "from one": (K + 1, r"no training label is 0, but some are 3(.|\n)*y - 1"),
    "text": (np.array(["cat", "dog", "eel"])[K], r"are no numbers \(cat, dog, eel"),
    "one-hot": (np.eye(3)[K], r"one-hot(.|\n)*y.argmax"),
    "several": (np.ones((60, 3)), r'labels have shape \(60, 3\)(.|\n)*task = "labels"'),
    "nan": (np.where(K == 1, np.nan, K), "are no whole numbers"),
    "infinite": (np.where(K == 1, np.inf, K), "are no whole numbers"),
    "complex": (K * 1j, "are no numbers"),
    "too few": (K[:59], "has 59 labels for 60 items"),
    "too many": (np.arange(61) % 3, "has 61 labels for 60 items"),
    "one class": (np.zeros(60, int), "has 1 class"),
    "a single number": (np.array(1), "has 1 labels for 60 items"),
}


@pytest.mark.parametrize(("y", "part"), WRONG.values(), ids=WRONG)
def test_what_is_no_class_is_refused_by_one_message(y, part, tmp_path):
    with pytest.raises(DataError, match=part) as caught:
        classes_of(tmp_path, y, K[:30])
    assert caught.value.message.startswith("data npz, /")
    assert caught.value.allowed


def test_a_class_of_the_test_data_alone_is_refused(tmp_path):
    with pytest.raises(DataError, match="test: class 3 is in no training item"):
        classes_of(tmp_path, K, np.full(30, 3))
    with pytest.raises(DataError, match=r"test: class 3 \('d'\) is in no training item"):
        classes_of(tmp_path, K, np.full(30, 3), classes=("a", "b", "c", "d"))


def test_the_flow_may_say_how_many_classes_there_are_and_name_them(tmp_path):
    even = K * 2
    assert classes_of(tmp_path, even, classes=6) == tuple("012345")
    assert classes_of(tmp_path, K, classes=("a", "b", "c")) == ("a", "b", "c")
    for given_classes, part in ((4, "a training label is 4"), (("a", "a"), "a name twice"), ((), "has 0 classes")):
        with pytest.raises(DataError, match=part):
            classes_of(tmp_path, even, classes=given_classes)
    with pytest.raises((DrawplateError, ValueError), match="classes"):
        classes_of(tmp_path, K, classes=10**12)
    notes = load(name="npz", path=write(tmp_path, even), classes=6).notes
    assert "no training item of class '1', '3', '5'" in notes


def test_names_that_are_known_can_be_put_into_another_order():
    plain, turned = load(name="digits"), load(name="digits", classes=tuple("9876543210"))
    np.testing.assert_array_equal(turned.split("test").y, 9 - plain.split("test").y)
    assert load(name="digits", classes=10) == plain
    for wrong in (9, (*"012345678", "ten")):
        with pytest.raises(DataError, match="option 'classes'"):
            load(name="digits", classes=wrong)


@settings(deadline=None, max_examples=300)
@given(
    y=hnp.arrays(
        st.sampled_from(["uint8", "int8", "int64", "uint64", "float32", "float64", "bool", "U2", "complex64"]),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=6),
    ),
    count=st.integers(1, 6),
)
def test_any_array_is_labels_or_one_message(y, count):
    try:
        labels = class_labels(y, count, "y")
    except DataError as error:
        assert error.allowed
        assert len(error.message) < 500
    else:
        assert labels.shape == (count,)
        assert labels.dtype == np.int64
        assert 0 <= labels.min() <= labels.max() < MOST
        np.testing.assert_array_equal(labels, y.reshape(-1))


@settings(deadline=None, max_examples=200)
@given(y=st.lists(st.integers(0, 9), min_size=1, max_size=40), said=st.none() | st.integers(1, 12))
def test_classes_are_without_gaps_unless_the_flow_says_how_many(y, said):
    labels = np.array(y)
    whole = set(y) == set(range(max(y) + 1)) if said is None else max(y) < said
    count = max(y) + 1 if said is None else said
    if whole and count > 1:
        assert class_names(said, (), labels, "y") == tuple(map(str, range(count)))
    else:
        with pytest.raises(DataError):
            class_names(said, (), labels, "y")
