# SPDX-License-Identifier: Apache-2.0
"""Quantization-aware training of the paper's MLP (W3A3): drawplate's bridge against Brevitas' own modules.

    python benchmarks/qat_epoch.py                    # speed: epochs taken in turns, one thread
    python benchmarks/qat_epoch.py accuracy 3 10      # test top-1 of both over 3 seeds, 10 epochs each

Both train 784-256-256-256-10 on Fashion-MNIST (the digits where it is not found) with the same batches, those of
drawplate's own loop, the same loss and optimizer (Adam, batch 100).  The baseline is QuantLinear + BatchNorm1d +
QuantReLU with Brevitas' default quantizers (weights by the largest, activations by a trained step).  The same network
without quantizers, in plain torch, says what the rest of a step takes.
"""
# ruff: noqa: TID253

from __future__ import annotations

import itertools
import statistics
import sys
import time

import torch
from brevitas import nn as quantized_nn
from torch import Tensor, nn

from drawplate import DataError
from drawplate.data import DataOptions, Dataset, load_dataset
from drawplate.plugins import contributions
from drawplate.torch import OnnxModule
from drawplate.torch.loop.augment import Augmentation
from drawplate.torch.loop.batches import Batches, epoch_seed
from drawplate.torch.loop.evaluate import Pixels
from drawplate.zoo import build_model
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.network import quantized

BITS = 3
BATCH = 100
STEPS = 120
"""Of an epoch, in a round."""


def bridge(data: Dataset, seed: int) -> nn.Module:
    proto = build_model("mlp", {}, shape=data.shape, classes=len(data.classes), seed=seed)
    options = QuantizeOptions(weight_bits=BITS, act_bits=BITS)
    return OnnxModule(quantized(proto, options, data.normalisation, data.split("train").x[:1000]))


def brevitas(data: Dataset, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    sizes = [data.split("train").x[0].size, 256, 256, 256]
    layers: list[nn.Module] = [nn.Flatten()]
    for given, made in itertools.pairwise(sizes):
        layers += [
            quantized_nn.QuantLinear(given, made, bias=False, weight_bit_width=BITS),
            nn.BatchNorm1d(made),
            quantized_nn.QuantReLU(bit_width=BITS),
        ]
    layers.append(quantized_nn.QuantLinear(sizes[-1], len(data.classes), bias=False, weight_bit_width=BITS))
    return nn.Sequential(*layers)


def floating(data: Dataset, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    sizes = [data.split("train").x[0].size, 256, 256, 256]
    layers: list[nn.Module] = [nn.Flatten()]
    for given, made in itertools.pairwise(sizes):
        layers += [nn.Linear(given, made, bias=False), nn.BatchNorm1d(made), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], len(data.classes), bias=False))


class Trainer:
    def __init__(self, model: nn.Module, batches: Batches, steps: int) -> None:
        self.model, self.batches = model, batches
        self.optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, steps)

    def epoch(self, seed: int, steps: int | None = None) -> float:
        """Train on the batches of an epoch, or on the first of them; return the CPU time in seconds."""
        self.model.train()
        start = time.process_time()
        for batch in itertools.islice(self.batches.epoch(seed, 0), steps):
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(batch.x), batch.y).backward()
            self.optimizer.step()
            self.schedule.step()
        return time.process_time() - start

    def top1(self, x: Tensor, y: Tensor) -> float:
        self.model.eval()
        with torch.no_grad():
            return float((self.model(x).argmax(1) == y).float().mean()) * 100


def load() -> tuple[Dataset, Batches, tuple[Tensor, Tensor]]:
    """Return the data, the batches of its training images, and its test images as the models are fed with them."""
    try:
        data = load_dataset(DataOptions(name="fashion-mnist"), contributions("datasets"))
    except DataError:
        data = load_dataset(DataOptions(name="digits"), contributions("datasets"))
    pixels = Pixels(data.normalisation, "cpu")
    batches = Batches.of(data.split("train"), pixels, BATCH, Augmentation("none"), None)
    test = data.split("test")
    return data, batches, (pixels(torch.from_numpy(test.x)), torch.from_numpy(test.y))


def speed(rounds: int = 5) -> None:
    data, batches, _ = load()
    trainers = {make.__name__: Trainer(make(data, 0), batches, 10**6) for make in (bridge, brevitas, floating)}
    times: dict[str, list[float]] = {name: [] for name in trainers}
    for number in range(rounds + 1):
        for name, trainer in trainers.items():
            spent = trainer.epoch(number, STEPS) * len(batches) / STEPS
            if number:  # the first round warms up
                times[name].append(spent)
    for name, taken in times.items():
        print(f"{name:9s} {statistics.median(taken):6.2f} CPU s per epoch of {len(batches.y)} images of {data.name}")
    for name in ("bridge", "floating"):
        ratios = [slow / fast for slow, fast in zip(times["brevitas"], times[name], strict=True)]
        spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
        print(f"brevitas / {name} {statistics.median(ratios):.2f} (median of {rounds} paired rounds; {spread})")


def accuracy(seeds: int, epochs: int) -> None:
    data, batches, test = load()
    found: dict[str, list[float]] = {"bridge": [], "brevitas": []}
    for seed in range(seeds):
        for make in (bridge, brevitas):
            trainer = Trainer(make(data, seed), batches, epochs * len(batches))
            for epoch in range(epochs):
                trainer.epoch(epoch_seed(seed, 0, epoch))
            found[make.__name__].append(trainer.top1(*test))
            print(f"seed {seed} {make.__name__:9s} {found[make.__name__][-1]:.2f} %", flush=True)
    means = {name: statistics.mean(values) for name, values in found.items()}
    print(f"mean: bridge {means['bridge']:.2f} %, brevitas {means['brevitas']:.2f} % of {data.name}, {epochs} epochs")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["accuracy"]:
        accuracy(int(sys.argv[2]), int(sys.argv[3]))
    else:
        speed()
