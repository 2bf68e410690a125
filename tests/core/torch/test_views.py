# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Shifted and mirrored images, and the batches of an epoch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate.data import Normalisation, Split
from drawplate.torch.loop import Augmentation
from drawplate.torch.loop.augment import PAD
from drawplate.torch.loop.batches import Batches
from drawplate.torch.loop.evaluate import Pixels


def moved(image, down, right, mirrored):
    """One image, as one would crop it by hand."""
    padded = np.pad(image, ((0, 0), (PAD, PAD), (PAD, PAD)))
    crop = padded[:, down : down + image.shape[1], right : right + image.shape[2]]
    return crop[:, :, ::-1] if mirrored else crop


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(["crop", "crop-flip"]),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 2**32 - 1),
)
def test_shifts_and_mirrors_are_exact(kind, shape, seed):
    augmentation, generator = Augmentation(kind), torch.Generator().manual_seed(seed)
    x = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
    moves = augmentation.draw(len(x), generator)
    expected = [moved(image, *move) for image, move in zip(x.numpy(), moves.tolist(), strict=True)]
    np.testing.assert_array_equal(augmentation.apply(x, moves), np.stack(expected))


def test_views_follow_from_their_seed_and_the_first_is_the_image():
    augmentation = Augmentation("crop-flip")
    views = augmentation.views(3, 50, seed=7)
    assert torch.equal(views, augmentation.views(3, 50, seed=7))
    assert not torch.equal(views, augmentation.views(3, 50, seed=8))
    x = torch.randint(0, 256, (50, 3, 8, 8), dtype=torch.uint8)
    assert torch.equal(augmentation.apply(x, views[0]), x)
    assert not torch.equal(augmentation.apply(x, views[1]), x)


@pytest.mark.parametrize(("kind", "column", "values"), [("crop", 0, 9), ("crop", 1, 9), ("crop-flip", 2, 2)])
def test_all_shifts_and_both_mirrors_are_equally_likely(kind, column, values):
    count = 90_000
    drawn = Augmentation(kind).draw(count, torch.Generator().manual_seed(0))[:, column]
    each = torch.bincount(drawn, minlength=values) / count
    assert len(each) == values
    spread = (1 / values * (1 - 1 / values) / count) ** 0.5
    assert (each - 1 / values).abs().max() < 5 * spread


def test_what_is_not_asked_for_is_not_moved():
    x = torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)
    none = Augmentation("none")
    assert torch.equal(none.apply(x, none.draw(6, torch.Generator())), x)
    assert not Augmentation("crop").draw(100, torch.Generator()).select(1, 2).any()


@pytest.mark.parametrize(
    ("images", "size", "sizes"), [(48, 12, [12] * 4), (50, 12, [12] * 4 + [2]), (49, 12, [12] * 4)]
)
def test_an_epoch_sees_every_image_once_but_no_batch_of_one(images, size, sizes):
    split = Split(name="train", x=np.zeros((images, 1, 8, 8), np.uint8), y=np.zeros(images, np.int64))
    batches = Batches.of(split, Pixels(Normalisation((0.5,), (0.25,)), "cpu"), size, Augmentation("none"), views=None)
    epoch = list(batches.epoch(seed=0, epoch=0))
    assert [len(batch.y) for batch in epoch] == sizes
    assert len(batches) == len(sizes)
    index = torch.cat([batch.index for batch in epoch])
    assert len(index.unique()) == sum(sizes)
    assert not torch.equal(index, torch.cat([batch.index for batch in batches.epoch(seed=1, epoch=1)]))
