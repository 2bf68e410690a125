# SPDX-License-Identifier: Apache-2.0
"""The published data sets, where they are found: sizes, balance, pixels."""

from __future__ import annotations

import numpy as np
import pytest

from drawplate.data import available

from .conftest import load

pytestmark = pytest.mark.data

# name: training images per class; mean pixel of the training images, over 255.
PUBLISHED = {
    "mnist": (None, 0.1307),
    "fashion-mnist": (6000, 0.2860),
    "cifar10": (5000, 0.4734),
    "cifar100": (500, 0.4782),
}


@pytest.fixture(params=PUBLISHED)
def name(request, monkeypatch):
    monkeypatch.delenv("DRAWPLATE_CACHE")  # decoded pictures are worth keeping
    if not available(request.param):
        pytest.skip(f"{request.param} is not found; DRAWPLATE_DATA names the folder of data sets")
    return request.param


def test_published_set(name):
    per_class, mean = PUBLISHED[name]
    data = load(name=name)
    train, val, test = (data.split(part) for part in ("train", "val", "test"))
    held_out = 10_000 if "mnist" in name else 5_000
    total = 60_000 if "mnist" in name else 50_000
    assert (len(train), len(val), len(test)) == (total - held_out, held_out, 10_000)
    labels = np.concatenate([train.y, val.y])
    if per_class:
        assert np.bincount(labels).tolist() == [per_class] * len(data.classes)
        assert np.bincount(test.y).tolist() == [10_000 // len(data.classes)] * len(data.classes)
    pixels = (train.x.mean(dtype=np.float64) * len(train) + val.x.mean(dtype=np.float64) * len(val)) / total / 255
    assert pixels == pytest.approx(mean, abs=5e-4)
    assert all("lossy" in note for note in data.notes)


@pytest.mark.parametrize(
    ("name", "labels"),
    [("mnist", [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]), ("fashion-mnist", [9, 0, 0, 3, 0, 2, 7, 2, 5, 5])],
)
def test_the_images_are_in_their_published_order(name, labels):
    if not available(name):
        pytest.skip(f"{name} is not found")
    assert load(name=name).split("train").y[:10].tolist() == labels
