# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""What distillation costs, as ratios of CPU-seconds within one run (random 32 x 32 images; accuracy plays no part).

    OMP_NUM_THREADS=1 python benchmarks/distillation.py

1. An epoch of FlexStudent on cached logits of resnet32x4, against an epoch that computes the teacher at every step.
2. An epoch of the training loop with kd on cached logits, against a loop written by hand with the same loss, on a
   native torch FlexStudent.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from drawplate.artifact import Artifact, Form
from drawplate.data import Dataset, Normalisation, Split
from drawplate.runner import Runner
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model
from drawplate_kd_repdistill.arrangement import arrange
from drawplate_kd_repdistill.methods import own_methods
from drawplate_kd_repdistill.options import DistillOptions
from drawplate_kd_repdistill.run import distil

BATCH = 128
REPEATS = 3


def dataset(images: int) -> Dataset:
    random = np.random.default_rng(0)

    def split(name: str, count: int) -> Split:
        x = random.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
        return Split(name=name, x=x, y=random.integers(0, 10, count))

    return Dataset(
        name="random",
        classes=tuple("0123456789"),
        shape=(3, 32, 32),
        normalisation=Normalisation((0.5,) * 3, (0.25,) * 3),
        digest=f"random-{images}",
        splits={"train": split("train", images), "val": split("val", 2), "test": split("test", 2)},
    )


def artifact(runner: Runner, name: str) -> Artifact:
    proto = build_model(name, {}, shape=(3, 32, 32), classes=10, seed=0)
    return runner.session.store.put_model(proto, Form.FLOAT, ())


def seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def distilled(runner: Runner, folder: Path, *, views: int, epochs: int, teacher: str) -> Callable[[], None]:
    options = DistillOptions(epochs=epochs, batch=BATCH, views=views, schedule="constant", precision="fp32")
    models = artifact(runner, "flexstudent"), artifact(runner, teacher)
    arrangement = arrange(models[0], models[1:], options, own_methods())

    def work() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            distil(models[0], models[1:], arrangement, options, make_job(Path(fresh), runner=runner))

    return work


def native() -> nn.Module:
    widths, layers = (3, 32, 64, 128), []
    for before, after in pairwise(widths):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.MaxPool2d(2), nn.ReLU()]
    layers += [nn.Flatten(), nn.Linear(2048, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def by_hand(data: Dataset, epochs: int) -> Callable[[], None]:
    split = data.split("train")
    images, labels = torch.from_numpy(split.x), torch.from_numpy(split.y)
    logits = torch.randn(len(split), 10)

    def work() -> None:
        model = native()
        adam = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
        for _ in range(epochs):
            order = torch.randperm(len(images))
            for start in range(0, len(order), BATCH):
                index = order[start : start + BATCH]
                x = ((images[index].float() / 255 - 0.5) / 0.25).contiguous(memory_format=torch.channels_last)
                adam.zero_grad()
                made = model(x)
                soft = functional.kl_div(
                    functional.log_softmax(made / 4, 1),
                    functional.softmax(logits[index] / 4, 1),
                    reduction="batchmean",
                )
                loss = 0.1 * functional.cross_entropy(made, labels[index]) + 0.9 * 16 * soft
                loss.backward()
                adam.step()

    return work


def cached_against_live(folder: Path) -> None:
    runner = make_runner(folder / "teacher", dataset=dataset(512))
    cached = distilled(runner, folder, views=1, epochs=1, teacher="resnet32x4")
    live = distilled(runner, folder, views=0, epochs=1, teacher="resnet32x4")
    first = seconds(cached)
    times = seconds(cached), seconds(live)
    print(
        f"epoch of 512 images, FlexStudent: cached resnet32x4 {times[0]:.2f} s, computed {times[1]:.2f} s, "
        f"ratio {times[1] / times[0]:.1f}; filling the cache once {first - times[0]:.2f} s"
    )


def loop_against_hand(folder: Path) -> None:
    data = dataset(4096)
    runner = make_runner(folder / "loop", dataset=data)
    loop = distilled(runner, folder, views=1, epochs=2, teacher="flexstudent")
    hand = by_hand(data, epochs=2)
    loop(), hand()  # the cache, and whatever torch does once
    pairs = [(seconds(loop), seconds(hand)) for _ in range(REPEATS)]
    ratios = [one / other for one, other in pairs]
    print(
        f"2 epochs of 4096 images, FlexStudent with kd: loop {statistics.median(a for a, _ in pairs):.2f} s, by hand "
        f"{statistics.median(b for _, b in pairs):.2f} s, ratio {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        cached_against_live(Path(folder))
        loop_against_hand(Path(folder))


if __name__ == "__main__":
    main()
