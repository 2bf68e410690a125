# SPDX-License-Identifier: Apache-2.0
"""Quantization-aware training of the paper's MLP (W3A3): drawplate's bridge against Brevitas' own modules.

    python benchmarks/qat_epoch.py                    # speed: epochs taken in turns, one thread
    python benchmarks/qat_epoch.py accuracy 3 10      # test top-1 of both over 3 seeds, 10 epochs each

Both train 784-256-256-256-10 on Fashion-MNIST (the digits where it is not found) with the same batches, loss and
optimizer (Adam, batch 100).  The baseline is QuantLinear + BatchNorm1d + QuantReLU with Brevitas' default quantizers
(weights by the largest, activations by a trained step).
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
from drawplate.zoo import build_model
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.network import quantized

BITS = 3
BATCH = 100


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


class Trainer:
    def __init__(self, model: nn.Module, x: Tensor, y: Tensor, steps: int) -> None:
        self.model, self.x, self.y = model, x, y
        self.optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, steps)

    def epoch(self, order: Tensor) -> float:
        """Train on the images of an order; return the CPU time in seconds."""
        self.model.train()
        start = time.process_time()
        for batch in order.split(BATCH):
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(self.x[batch]), self.y[batch]).backward()
            self.optimizer.step()
            self.schedule.step()
        return time.process_time() - start

    def top1(self, x: Tensor, y: Tensor) -> float:
        self.model.eval()
        with torch.no_grad():
            return float((self.model(x).argmax(1) == y).float().mean()) * 100


def load() -> tuple[Dataset, dict[str, tuple[Tensor, Tensor]]]:
    try:
        data = load_dataset(DataOptions(name="fashion-mnist"), contributions("datasets"))
    except DataError:
        data = load_dataset(DataOptions(name="digits"), contributions("datasets"))
    tensors = {
        name: (torch.from_numpy(data.normalisation.apply(data.split(name).x)), torch.from_numpy(data.split(name).y))
        for name in ("train", "test")
    }
    return data, tensors


def speed(rounds: int = 5) -> None:
    data, tensors = load()
    x, y = tensors["train"]
    trainers = {make.__name__: Trainer(make(data, 0), x, y, 10**6) for make in (bridge, brevitas)}
    times: dict[str, list[float]] = {name: [] for name in trainers}
    for number in range(rounds + 1):
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(number))[:12_000]
        for name, trainer in trainers.items():
            spent = trainer.epoch(order) * len(x) / len(order)
            if number:  # the first round warms up
                times[name].append(spent)
    ratios = [slow / fast for slow, fast in zip(times["brevitas"], times["bridge"], strict=True)]
    for name, taken in times.items():
        print(f"{name:9s} {statistics.median(taken):6.2f} CPU s per epoch of {len(x)} images of {data.name}")
    spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
    print(f"ratio     {statistics.median(ratios):6.2f} (median of {rounds} paired rounds; {spread})")


def accuracy(seeds: int, epochs: int) -> None:
    data, tensors = load()
    x, y = tensors["train"]
    found: dict[str, list[float]] = {"bridge": [], "brevitas": []}
    for seed in range(seeds):
        for make in (bridge, brevitas):
            trainer = Trainer(make(data, seed), x, y, epochs * -(-len(x) // BATCH))
            generator = torch.Generator().manual_seed(seed)
            for _ in range(epochs):
                trainer.epoch(torch.randperm(len(x), generator=generator))
            found[make.__name__].append(trainer.top1(*tensors["test"]))
            print(f"seed {seed} {make.__name__:9s} {found[make.__name__][-1]:.2f} %", flush=True)
    means = {name: statistics.mean(values) for name, values in found.items()}
    print(f"mean: bridge {means['bridge']:.2f} %, brevitas {means['brevitas']:.2f} % of {data.name}, {epochs} epochs")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:2] == ["accuracy"]:
        accuracy(int(sys.argv[2]), int(sys.argv[3]))
    else:
        speed()
