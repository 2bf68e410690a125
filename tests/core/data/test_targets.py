# SPDX-License-Identifier: Apache-2.0
"""What a model shall say of every item: read and checked as the task wants it."""

from __future__ import annotations

import numpy as np
import pytest

from drawplate.errors import DataError
from drawplate.task import Kind

from .conftest import load

R = np.random.default_rng(0)
X = R.normal(size=(60, 5)).astype(np.float32)
NUMBERS = R.normal(size=(60, 2))
FLAGS = np.eye(3)[np.arange(60) % 3] + np.eye(3)[(np.arange(60) + 1) % 3]


def data(folder, y, task, y_test=None, **options):
    arrays = {"x_train": X[:48], "x_test": X[48:]}
    if y is not None:
        y = np.asarray(y)
        arrays |= {"y_train": y[:48], "y_test": y[48:] if y_test is None else y_test}
    np.savez(folder / "own.npz", **arrays)
    return load(name="npz", path=folder / "own.npz", task=task, **options)


def test_numbers(tmp_path):
    found = data(tmp_path, NUMBERS, "regression")
    assert (found.task.kind, found.classes, found.outputs) == (Kind.REGRESSION, (), 2)
    assert found.split("test").y.dtype == np.float32
    np.testing.assert_array_equal(found.split("test").y, NUMBERS[48:].astype(np.float32))
    assert data(tmp_path, np.arange(60), "regression").outputs == 1


def test_several_labels(tmp_path):
    found = data(tmp_path, FLAGS, "labels", classes=("a", "b", "c"))
    assert (found.classes, found.outputs) == (("a", "b", "c"), 3)
    np.testing.assert_array_equal(found.split("test").y, FLAGS[48:])
    assert data(tmp_path, FLAGS.astype(bool), "labels").classes == ("0", "1", "2")


def test_two_classes_of_one_output(tmp_path):
    assert data(tmp_path, np.arange(60) % 2, "binary").outputs == 1
    with pytest.raises(DataError, match="has 3 classes"):
        data(tmp_path, np.arange(60) % 3, "binary")


def test_reconstruction_needs_no_targets_and_takes_anomalies(tmp_path):
    found = data(tmp_path, None, "reconstruction")
    assert found.outputs == 5
    assert not found.split("test").y.any()
    anomalies = np.arange(60) % 2
    np.testing.assert_array_equal(data(tmp_path, anomalies, "reconstruction").split("test").y, anomalies[48:])
    assert not data(tmp_path, np.arange(60) % 7, "reconstruction").split("test").y.any()


def test_tasks_have_digests_of_their_own(tmp_path):
    digests = {
        data(tmp_path, np.arange(60) % 2, task).digest for task in (None, "binary", "regression", "reconstruction")
    }
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("y", "task", "part"),
    [
        (None, "classification", "has no y_train, which the task classification needs"),
        (None, "regression", "has no y_train, which the task regression needs"),
        (NUMBERS, None, "labels have shape"),
        (NUMBERS[:, 0], None, 'task = "regression"'),
        (FLAGS, None, 'task = "labels"'),
        (np.where(NUMBERS > 1, np.nan, NUMBERS), "regression", "train targets: item .* holds nan"),
        (NUMBERS.astype("U"), "regression", "train targets: holds text"),
        (np.arange(60) % 3, "labels", r"have shape \(48,\)"),
        (NUMBERS, "labels", "something else than 0 and 1"),
        (FLAGS[:, :0], "labels", "have shape"),
    ],
)
def test_what_does_not_suit_the_task_is_refused(y, task, part, tmp_path):
    with pytest.raises(DataError, match=part):
        data(tmp_path, y, task)


def test_lengths_shapes_and_names_are_compared(tmp_path):
    with pytest.raises(DataError, match="has 3 targets for 12 items"):
        data(tmp_path, NUMBERS, "regression", NUMBERS[:3])
    with pytest.raises(DataError, match=r"training targets are \[2\], test targets \[1\]"):
        data(tmp_path, NUMBERS, "regression", NUMBERS[48:, :1])
    with pytest.raises(DataError, match="option 'classes'"):
        data(tmp_path, NUMBERS, "regression", classes=2)
    with pytest.raises(DataError, match="names 2 labels"):
        data(tmp_path, FLAGS, "labels", classes=("a", "b"))


@pytest.mark.parametrize(("task", "where"), [(None, "x"), ("regression", "y")])
def test_a_number_that_is_none_is_named_by_its_place_in_the_file(tmp_path, task, where):
    x, y = X.copy(), NUMBERS[:, 0].copy() if task else np.arange(60) % 3
    (x if where == "x" else y)[15] = np.nan
    np.savez(tmp_path / "own.npz", x=x, y=y)
    with pytest.raises(DataError, match="item 15 holds nan"):
        load(name="npz", path=tmp_path / "own.npz", task=task)


def test_words_are_no_numbers_to_predict(tmp_path):
    lines = [f"{value},{'n/a' if value == 7 else value * 0.5}" for value in range(60)]
    (tmp_path / "own.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"targets are no numbers \('n/a'\)"):
        load(name="csv", path=tmp_path / "own.csv", task="regression")


def test_folders_called_by_numbers_are_numbers_to_predict(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for angle in (10, 20, 5):
        for number in range(8):
            place = tmp_path / str(angle) / f"{number}.png"
            place.parent.mkdir(exist_ok=True)
            image.fromarray(np.full((4, 4), angle + number, np.uint8)).save(place)
    found = load(name="folder", path=tmp_path, task="regression")
    assert {float(value) for value in np.ravel(found.split("train").y)} == {5, 10, 20}
