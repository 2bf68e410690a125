# SPDX-License-Identifier: Apache-2.0
"""Metrics, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest

from drawplate.task import metrics

theirs = pytest.importorskip("sklearn.metrics")


@pytest.fixture
def scores():
    return np.random.default_rng(0).standard_normal((200, 5))


@pytest.fixture
def classes():
    return np.random.default_rng(1).integers(0, 5, 200)


def test_top1_and_error(scores, classes):
    wanted = 100 * theirs.accuracy_score(classes, scores.argmax(1))
    assert metrics.top1(scores, classes, 0.0) == pytest.approx(wanted)
    assert metrics.error(scores, classes, 0.0) == pytest.approx(100 - wanted)


def test_balanced_accuracy(scores, classes):
    classes[:150] = 2  # far from balanced
    wanted = 100 * theirs.balanced_accuracy_score(classes, scores.argmax(1))
    assert metrics.balanced_accuracy(scores, classes, 0.0) == pytest.approx(wanted)


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_auc_with_ties(scores, classes, digits):
    rounded = scores[:, :1].round(digits)
    wanted = theirs.roc_auc_score(classes == 1, rounded[:, 0])
    assert metrics.auc(rounded, (classes == 1).astype(np.int64), 0.0) == pytest.approx(wanted)


def test_no_auc_of_one_class(scores):
    assert metrics.auc(scores[:, :1], np.ones(200, np.int64), 0.0) is None


def test_one_output_is_a_yes_above_its_threshold():
    outputs = np.array([[-1.0], [0.0], [0.25], [0.75]])
    assert metrics.predicted(outputs, 0.0).tolist() == [0, 0, 1, 1]
    assert metrics.predicted(outputs, 0.5).tolist() == [0, 0, 0, 1]


def test_what_is_no_number_is_wrong():
    outputs = np.array([[np.nan, 1.0], [0.0, 1.0]])
    assert metrics.top1(outputs, np.array([0, 1]), 0.0) == 50.0
    assert metrics.top1(outputs, np.array([1, 1]), 0.0) == 50.0


def test_labels(scores):
    wanted = np.random.default_rng(2).random((200, 5)) < 0.2
    said = scores > 0.5
    targets = wanted.astype(np.float32)
    assert metrics.f1(scores, targets, 0.5) == pytest.approx(100 * theirs.f1_score(wanted, said, average="macro"))
    assert metrics.exact_match(scores, targets, 0.5) == pytest.approx(100 * theirs.accuracy_score(wanted, said))
    assert metrics.label_accuracy(scores, targets, 0.5) == pytest.approx(100 - 100 * theirs.hamming_loss(wanted, said))
    assert metrics.mean_auc(scores, targets, 0.5) == pytest.approx(theirs.roc_auc_score(wanted, scores))


def test_regression(scores):
    targets = scores[:, :3] * 2 + 1
    found = scores[:, :3]
    assert metrics.mse(found, targets, 0.0) == pytest.approx(theirs.mean_squared_error(targets, found))
    assert metrics.mae(found, targets, 0.0) == pytest.approx(theirs.mean_absolute_error(targets, found))
    assert metrics.r2(found, targets, 0.0) == pytest.approx(theirs.r2_score(targets, found))
    assert metrics.r2(found, np.ones_like(targets), 0.0) is None
