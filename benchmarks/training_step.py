# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""One training step through OnnxModule against the same network as native torch modules.

    python benchmarks/training_step.py [ROUNDS]        # 20 where left out

A step is forward, cross-entropy, backward and an SGD update on random images, on one thread.  Both are trained in
turns, who goes first changes from round to round, and each round gives one ratio of CPU-seconds; the median counts.
Batches are small enough that what the bridge adds per call would show.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from drawplate.torch import OnnxModule
from drawplate.zoo import build_model


class Block(nn.Module):
    """A basic block as RepDistiller writes it (models/resnet.py)."""

    def __init__(self, taken: int, given: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(taken, given, 3, stride, 1, bias=False), nn.BatchNorm2d(given)
        self.conv2, self.norm2 = nn.Conv2d(given, given, 3, 1, 1, bias=False), nn.BatchNorm2d(given)
        self.skip = (
            nn.Identity()
            if taken == given
            else nn.Sequential(nn.Conv2d(taken, given, 1, stride, bias=False), nn.BatchNorm2d(given))
        )

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(inner)) + self.skip(x))


def resnet8x4() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 1, 1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        Block(32, 64, 1),
        Block(64, 128, 2),
        Block(128, 256, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


def mlp() -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for taken, given in itertools.pairwise((784, 256, 256, 256)):
        layers += [nn.Linear(taken, given, bias=False), nn.BatchNorm1d(given), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(256, 10, bias=False))


def stepper(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[], None]:
    model.train()
    if x.shape[1] > 1:  # how the training loop lays out convolutional models
        model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, fused=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def seconds(step: Callable[[], None], repeats: int) -> float:
    started = time.process_time()
    for _ in range(repeats):
        step()
    return (time.process_time() - started) / repeats


def compare(name: str, native: nn.Module, images: tuple[int, int, int, int], repeats: int, rounds: int) -> None:
    shape = images[1:]
    bridge = OnnxModule(build_model(name, {}, shape=shape, classes=10, seed=0), {})
    sizes = [sum(parameter.numel() for parameter in model.parameters()) for model in (bridge, native)]
    assert sizes[0] == sizes[1], f"{name}: {sizes[0]} and {sizes[1]} parameters"
    x, y = torch.randn(images), torch.randint(0, 10, images[:1])
    x = x.contiguous(memory_format=torch.channels_last) if shape[0] > 1 else x
    steps = [stepper(model, x, y) for model in (bridge, native)]
    for step in steps:
        seconds(step, repeats)  # whatever torch does once
    pairs = []
    for number in range(rounds):
        order = (0, 1) if number % 2 else (1, 0)
        taken = {which: seconds(steps[which], repeats) for which in order}
        pairs.append((taken[0], taken[1]))
    ratios = sorted(one / other for one, other in pairs)
    times = [1e3 * statistics.median(taken) for taken in zip(*pairs, strict=True)]
    print(
        f"{name}, {sizes[0]:,} parameters, batch {images[0]}: OnnxModule {times[0]:.2f} ms, native {times[1]:.2f} ms, "
        f"ratio {statistics.median(ratios):.3f} "
        f"({ratios[0]:.3f} to {ratios[-1]:.3f}, {rounds} rounds of {repeats})",
        flush=True,
    )


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    compare("mlp", mlp(), (128, 1, 28, 28), 50, rounds)
    compare("resnet8x4", resnet8x4(), (32, 3, 32, 32), 1, rounds)


if __name__ == "__main__":
    main()
