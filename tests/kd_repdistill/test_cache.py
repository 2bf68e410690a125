# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Teachers computed once: the right entry for every sample and view, whatever the order."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch

from drawplate.artifact import Form
from drawplate.job import Request
from drawplate.testing import make_job, make_runner
from drawplate.torch import OnnxModule
from drawplate.torch.loop import Augmentation, Batch
from drawplate.torch.loop.evaluate import Pixels
from drawplate.torch.loop.precision import Precision
from drawplate.zoo import build_model
from drawplate_kd_repdistill.cache import ViewCache
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.taps import find_taps
from drawplate_kd_repdistill.teachers import frozen_teacher

VIEWS = 3
NEEDS = frozenset({Need.LOGITS, Need.EMBEDDING})


class Bench:
    def __init__(self, folder) -> None:
        self.runner = make_runner(folder, data={"name": "digits", "limit": 120})
        self.job = make_job(folder, runner=self.runner)
        self.artifacts = [self.model(seed) for seed in (1, 2)]

    def model(self, seed: int):
        dataset = self.runner.dataset()
        options = {"conv_layers": 1, "channels": (4,), "neurons": 8}
        proto = build_model("flexstudent", options, shape=dataset.shape, classes=len(dataset.classes), seed=seed)
        return self.runner.session.store.put_model(proto, Form.FLOAT, ())

    def teacher(self, artifact):
        precision = Precision("cpu", bf16=False, channels_last=True)
        return frozen_teacher(OnnxModule(artifact), precision, find_taps(artifact.proto()))

    def load(self, artifacts=None, shares=(1.0,), needs=NEEDS, teacher=None):
        artifacts = artifacts or self.artifacts[:1]
        teachers = [teacher or self.teacher(artifact) for artifact in artifacts]
        images = torch.from_numpy(self.job.data("train").x)
        cache = ViewCache(job=self.job, images=images, augment="crop-flip", views=VIEWS, needs=needs)
        return cache.load(artifacts, teachers, shares)

    def batch(self, index: torch.Tensor, view: torch.Tensor) -> Batch:
        """The batch that the loop would make of these views, computed here from the images."""
        split, augmentation = self.job.data("train"), Augmentation("crop-flip")
        moves = augmentation.views(VIEWS, len(split), self.job.seed)
        x = augmentation.apply(torch.from_numpy(split.x)[index], moves[view, index])
        pixels = Pixels(self.job.dataset.normalisation, "cpu")
        return Batch(x=pixels(x), y=torch.from_numpy(split.y)[index], index=index, view=view, epoch=0)


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_any_shuffle_finds_what_the_teacher_makes_of_these_very_images(bench, seed):
    generator = torch.Generator().manual_seed(seed)
    cached, teacher = bench.load(), bench.teacher(bench.artifacts[0])
    index = torch.randperm(120, generator=generator)[:50]
    batch = bench.batch(index, torch.randint(0, VIEWS, (50,), generator=generator))
    found, fresh = cached(batch), teacher(batch.x, NEEDS)
    torch.testing.assert_close(found.logits, fresh.logits, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.embedding, fresh.embedding, rtol=0, atol=1e-5)
    shifted = bench.batch(index.roll(1), batch.view)
    assert not torch.allclose(cached(shifted).logits, fresh.logits, atol=1e-2)


class Refusing:
    """A teacher that must not be computed."""

    def __init__(self, teacher) -> None:
        self.taps, self.precision, self.scores = teacher.taps, teacher.precision, teacher.scores

    def __call__(self, *_args):
        pytest.fail("the teacher was computed again")


def test_a_second_run_computes_nothing(bench):
    first, refusing = bench.load(), Refusing(bench.teacher(bench.artifacts[0]))
    assert torch.equal(bench.load(teacher=refusing).logits, first.logits)
    assert torch.equal(bench.load(teacher=refusing).embedding, first.embedding)


def test_methods_of_logits_find_what_methods_of_embeddings_left(bench):
    first, refusing = bench.load(), Refusing(bench.teacher(bench.artifacts[0]))
    again = bench.load(teacher=refusing, needs=frozenset({Need.LOGITS}))
    assert torch.equal(again.logits, first.logits)
    assert again.embedding is None


def test_other_images_have_other_entries(bench, tmp_path):
    first = bench.load()
    runner = make_runner(tmp_path, data={"name": "digits", "limit": 60})
    bench.job = make_job(tmp_path, runner=runner)
    fewer = bench.load()
    assert fewer.logits.shape == (VIEWS, 60, 10)
    assert first.logits.shape == (VIEWS, 120, 10)


@pytest.mark.parametrize("method", ["kd", "correlation", "crd"])
def test_of_a_part_of_the_images_only_that_part_is_computed(bench, method):
    student, teacher = bench.model(3), bench.artifacts[0]
    options = {"method": method, "epochs": 1, "images": 50, "views": 1}
    bench.runner.run(Request(step="distill", subject=student, teachers=(teacher,), options=options))
    kept = list((bench.runner.session.store.root / "derived").rglob("values.npy"))
    assert kept
    assert {len(np.load(file)) for file in kept} == {50}


def test_an_ensemble_is_the_weighted_mean_of_logits(bench):
    needs = frozenset({Need.LOGITS})
    one, other = (bench.load([artifact], needs=needs).logits for artifact in bench.artifacts)
    both = bench.load(bench.artifacts, (0.25, 0.75), needs).logits
    torch.testing.assert_close(both, 0.25 * one + 0.75 * other)


def test_teachers_and_seeds_do_not_share_entries(bench, tmp_path):
    one, other = (bench.load([artifact]).logits for artifact in bench.artifacts)
    assert not torch.allclose(one, other)
    bench.job = make_job(tmp_path, runner=bench.runner, seed=5)
    again = bench.load().logits
    assert torch.equal(again[0], one[0])  # view 0 is the image as it is
    assert not torch.allclose(again[1:], one[1:])


def test_fewer_views_are_the_first_ones_of_more():
    few, many = (Augmentation("crop-flip").views(views, 50, seed=3) for views in (2, 5))
    assert torch.equal(few, many[:2])


def weights(artifact) -> np.ndarray:
    return np.concatenate([onnx.numpy_helper.to_array(t).ravel() for t in artifact.proto().graph.initializer])


@pytest.mark.parametrize("method", ["kd", "crd"])
def test_training_on_cached_teachers_is_training_on_live_ones(bench, method):
    """Without augmentation both see the same images, so that only rounding tells them apart."""
    student, teacher = bench.model(3), bench.artifacts[0]
    given = []
    for views in (1, 0):
        options = {"method": method, "views": views, "epochs": 2, "batch": 32, "select": "last"}
        request = Request(step="distill", subject=student, teachers=(teacher,), options=options)
        given.append(weights(bench.runner.run(request).artifact))
    np.testing.assert_allclose(*given, atol=1e-3)
