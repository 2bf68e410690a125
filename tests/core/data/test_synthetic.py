# SPDX-License-Identifier: Apache-2.0
"""Made-up examples: of any shape, alike every time, and never taken for real ones."""

import numpy as np
import pytest

from drawplate.data import read_data_table
from drawplate.errors import DataError
from drawplate.metric import Source
from drawplate.plugins import contributions
from drawplate.task import judge


def read(**table):
    return read_data_table({"name": "synthetic", **table}, contributions("datasets"))


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((3, 32, 32), "uint8"), ((1, 49, 10), "uint8"), ((640,), "float32"), ((2, 12), "float32"), ((5, 4, 3), "float32")],
)
def test_of_any_shape(shape, kind):
    data = read(shape=list(shape), classes=12)
    assert data.shape == shape
    assert data.split("train").x.dtype == kind
    assert len(data.classes) == 12
    assert data.digest == read(shape=list(shape), classes=12).digest
    assert data.digest != read(shape=list(shape), classes=12, seed=1).digest
    assert set(data.split("test").y) == set(range(12))


def test_of_every_task():
    several = read(shape=[8], task="labels", classes=3)
    assert several.split("train").y.shape[1:] == (3,)
    assert read(shape=[8], task="binary").classes == ("0", "1")
    assert read(shape=[8], task="regression").outputs == 1
    assert read(shape=[8], task="reconstruction").outputs == 8


def test_a_nearest_mean_learns_them():
    data = read(shape=[3, 8, 8], classes=["cat", "dog", "eel"])
    train, test = data.split("train"), data.split("test")
    means = np.stack([train.x[train.y == label].mean(0).ravel() for label in range(3)])
    far = ((test.x.reshape(len(test), 1, -1) - means) ** 2).sum(2)
    assert (far.argmin(1) == test.y).mean() > 0.9


@pytest.mark.parametrize("table", [{"name": "keywords"}, {"name": "synthetic", "shape": [4], "classes": 8}])
def test_a_figure_on_them_says_so_in_its_unit(table):
    data = read_data_table(table, contributions("datasets"))
    split = data.split("test")
    metrics = judge(np.eye(8)[split.y], split, data, source=Source.MEASURED)
    assert {metric.name: metric.unit for metric in metrics}["top1"] == "% synthetic"
    assert all("synthetic" in metric.unit for metric in metrics)


def test_a_figure_on_real_data_does_not():
    data = read_data_table({"name": "digits"}, contributions("datasets"))
    split = data.split("test")
    assert judge(np.eye(10)[split.y], split, data, source=Source.MEASURED)[0].unit == "%"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"classes": 10}, "option 'shape': are of no shape"),
        ({"shape": [3, 8, 8]}, "option 'classes': are of no number"),
        ({"shape": [3, 4096, 4096], "classes": 2}, "too large"),
        ({"shape": [4], "classes": 3, "task": "regression"}, "no classes"),
    ],
)
def test_what_is_missing_is_asked_for(table, said):
    with pytest.raises(DataError) as refused:
        read(**table)
    assert said in str(refused.value)


def test_a_flow_without_data_is_told_of_them():
    with pytest.raises(DataError) as refused:
        read_data_table(None, {})
    assert 'name = "synthetic"' in str(refused.value)
