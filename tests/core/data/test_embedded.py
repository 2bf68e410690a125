# SPDX-License-Identifier: Apache-2.0
"""Data that need no file: two tables of scikit-learn's, and words made by code."""

import numpy as np
import pytest

from drawplate.data import read_data_table
from drawplate.plugins import contributions
from drawplate.task import Kind


def read(**table):
    return read_data_table(table, contributions("datasets"))


def test_diabetes_is_a_regression():
    data = read(name="diabetes", task="regression")
    assert data.task.kind is Kind.REGRESSION
    assert (data.shape, data.outputs, data.classes) == ((10,), 1, ())
    assert sum(len(split) for split in data.splits.values()) == 442
    assert (data.split("train").y.min() > 0.2, data.split("train").y.max() < 3.5) == (True, True)
    fed = data.normalisation.apply(data.split("train").x)
    assert fed.mean(0) == pytest.approx(np.zeros(10), abs=1e-4)


def test_nuclei_are_two_classes_or_anomalies():
    data = read(name="breast-cancer")
    assert data.classes == ("benign", "malignant")
    assert sum(len(split) for split in data.splits.values()) == 569
    assert sum(int(split.y.sum()) for split in data.splits.values()) == 212
    normal = read(name="breast-cancer", task="reconstruction")
    assert not normal.split("train").y.any()
    assert not normal.split("val").y.any()
    assert normal.split("test").y.any()
    assert (normal.outputs, normal.classes) == (30, ())
    (note,) = (note for note in normal.notes if "anomalies" in note)
    assert note.startswith(f"{212 - int(data.split('test').y.sum())} anomalies are left out")


def test_words_are_made_alike_every_time():
    data, again = read(name="keywords"), read(name="keywords")
    assert data.digest == again.digest
    assert data.shape == (1, 49, 10)
    assert len(data.classes) == 8
    assert np.bincount(data.split("test").y).tolist() == [40] * 8
    assert "synthetic" in data.notes[0]


def test_words_differ():
    """A nearest mean tells them apart better than chance, and far from always."""
    data = read(name="keywords")
    train, test = data.split("train"), data.split("test")
    means = np.stack([train.x[train.y == label].mean((0, 1)).ravel() for label in range(8)])
    far = ((test.x.reshape(len(test), 1, -1) - means) ** 2).sum(2)
    assert 20 < 100 * (far.argmin(1) == test.y).mean() < 80
