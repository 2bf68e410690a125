# SPDX-License-Identifier: Apache-2.0
"""Judging outputs by the data's task."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve

from drawplate.data import Dataset, Normalisation, Split
from drawplate.errors import FlowError, ModelError
from drawplate.metric import Direction, Source
from drawplate.task import Output, judge, task_named
from drawplate.task.strength import of_codes, wilson


def dataset(task, x, y, classes=()):
    split = Split(name="test", x=x, y=y)
    return Dataset(
        name="made",
        classes=classes,
        shape=x.shape[1:],
        normalisation=Normalisation((0.0,), (1.0,)),
        digest="0",
        splits={"train": split, "test": split},
        task=task_named(task),
    )


def judged(data, outputs, **more):
    found = judge(outputs, data.split("test"), data, source=Source.MEASURED, **more)
    return {metric.name: metric for metric in found}


def images(count):
    return np.random.default_rng(0).integers(0, 256, (count, 1, 2, 2)).astype(np.uint8)


def classes(*labels):
    return np.array(labels, np.int64)


def test_classification():
    data = dataset("classification", images(4), classes(0, 1, 2, 2), ("a", "b", "c"))
    found = judged(data, np.eye(3)[[0, 1, 2, 0]], note="4 test images")
    assert found["top1"].value == 75
    assert found["error"].value == 25
    assert found["balanced_accuracy"].value == pytest.approx(100 * (1 + 1 + 0.5) / 3)
    assert found["top1"].split == "test"
    assert not found["top1"].may_choose
    assert found["top1"].direction is Direction.HIGHER
    assert found["error"].direction is Direction.LOWER
    assert found["top1"].note == "4 test images; 95 % interval 30.1 to 95.4 %"


def test_two_classes_with_one_output():
    data = dataset("classification", images(4), classes(0, 1, 1, 1), ("no", "yes"))
    for outputs in ([-1.0, 1.0, 1.0, -1.0], [[-1], [2], [5], [-1]], [0, 1, 1, 0]):
        found = judged(data, np.asarray(outputs))
        assert found["top1"].value == 75
        assert found["auc"].value == pytest.approx(5 / 6)
    assert judged(data, np.array([0.1, 0.9, 0.6, 0.4]), output=Output.PROBABILITIES)["top1"].value == 75


def test_index_of_the_class():
    data = dataset("classification", images(3), classes(0, 1, 2), ("a", "b", "c"))
    assert judged(data, np.array([[0], [1], [1]]), output=Output.INDEX)["top1"].value == pytest.approx(200 / 3)
    with pytest.raises(ModelError, match="1 output for the classification of made"):
        judged(data, np.array([[0], [1], [1]]))


def test_two_classes_with_two_outputs():
    data = dataset("classification", images(3), classes(0, 1, 1), ("no", "yes"))
    assert judged(data, np.array([[1.0, 0], [0, 1], [1, 0]]))["top1"].value == pytest.approx(200 / 3)


def test_reconstruction_is_compared_with_what_the_model_is_fed():
    x = images(4)
    data = evolve(dataset("reconstruction", x, classes(0, 0, 0, 0)), normalisation=Normalisation((0.5,), (0.25,)))
    fed = (x / 255 - 0.5) / 0.25
    found = judged(data, fed + 0.5)
    assert found["mse"].value == pytest.approx(0.25, rel=1e-5)
    assert found["mae"].value == pytest.approx(0.5, rel=1e-5)
    assert "auc" not in found
    other = Normalisation((0.0,), (1.0,))
    assert judged(data, x / 255, normalisation=other)["mse"].value == pytest.approx(0, abs=1e-12)


def test_anomalies_are_what_cannot_be_reconstructed():
    x = images(4)
    data = dataset("reconstruction", x, classes(0, 0, 1, 1))
    misses = np.array([0.1, 0.3, 0.2, 0.9]).reshape(-1, 1, 1, 1)
    assert judged(data, x / 255 + misses)["auc"].value == 0.75


def test_regression_counts_outputs():
    targets = np.arange(8, dtype=np.float32).reshape(4, 2)
    data = dataset("regression", images(4), targets)
    assert judged(data, targets + 1)["mse"].value == 1
    with pytest.raises(ModelError, match="3 outputs for the regression of made"):
        judged(data, np.zeros((4, 3)))


@pytest.mark.parametrize(
    ("outputs", "labels", "said"),
    [
        ([[1.0, 0]] * 3, (0, 1, 1), "all predictions are one class ('no')"),
        ([[1.0, 0], [0, 1], [1, 0]], (1, 1, 1), "all examples are of one class ('yes')"),
        ([[1.0, 1], [0, 1], [1, 0]], (0, 1, 1), "in 1 the greatest output is not the only one of its value"),
        ([[np.nan, 1], [0, 1], [1, 0]], (0, 1, 1), "1 of 3 outputs are not finite numbers"),
    ],
)
def test_weak_evidence_is_said(outputs, labels, said):
    data = dataset("classification", images(3), classes(*labels), ("no", "yes"))
    assert said in judged(data, np.array(outputs))["top1"].note


def test_constant_outputs_are_said():
    data = dataset("regression", images(3), np.arange(3, dtype=np.float32))
    assert "all outputs are the same" in judged(data, np.full((3, 1), 2.0))["mse"].note


def test_many_images_need_no_interval():
    data = dataset("classification", images(1000), np.arange(1000) % 2, ("no", "yes"))
    assert judged(data, np.eye(2)[np.arange(1000) % 2])["top1"].note == ""


def test_wilson_interval():
    # Newcombe, Statistics in Medicine 17, 1998, table I, method 3
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)


def test_codes_that_are_not_used():
    assert of_codes(np.array([0, 255, 0]), 256) == "inputs use 2 of 256 codes"
    assert of_codes(np.arange(128), 256) == ""


def test_unknown_task():
    with pytest.raises(FlowError, match="regresion"):
        task_named("regresion")
