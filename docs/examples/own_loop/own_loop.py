# SPDX-License-Identifier: Apache-2.0
"""Train a quantized network with a loop of your own, in plain torch, and have drawplate make hardware of it.

``python own_loop.py`` quantizes a network, trains it here, and runs the rest of the flow on what was trained.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

import drawplate as dp
from drawplate.torch import OnnxModule


def train(module: nn.Module, x: torch.Tensor, y: torch.Tensor, epochs: int) -> float:
    """Train in place and return the last loss.  Nothing here knows of drawplate, nor that weights are quantized."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    loss = torch.zeros(())
    module.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(module(x[rows]), y[rows], label_smoothing=0.05)
            loss.backward()
            optimizer.step()
        schedule.step()
    return loss.item()


def main(target: str = "ort", epochs: int = 20, store: Path = Path(".drawplate")) -> dp.RunResult:
    torch.manual_seed(0)

    # 1. drawplate quantizes: the graph has Quant nodes over float weights, calibrated on the data.
    start = dp.Model(zoo="mlp", hidden=[64, 64], data="digits", store=store, name="own-loop")
    quantized = start.quantize(weight_bits=4, act_bits=4).run(quiet=True)

    # 2. The graph as a module: its parameters are the graph's initializers.
    module = OnnxModule(quantized.artifact)
    data = dp.dataset("digits")
    split = data.split("train")
    x = torch.from_numpy(data.normalisation.apply(split.x))
    loss = train(module, x, torch.from_numpy(split.y), epochs)
    print(f"own loop: loss {loss:.3f} after {epochs} epochs")

    # 3. Back to ONNX, the same graph with other weights, and on through any steps.
    trained = dp.Model(module.to_onnx(), data="digits", store=store, name="own-loop").ort()
    if target == "z7020":
        trained = trained.lower(on="model").fold(target_fps=100_000).z7020(images=50)
    result = trained.run(quiet=True)
    print(result)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An own training loop over a quantized network.")
    parser.add_argument("--target", choices=("ort", "z7020"), default="ort")
    parser.add_argument("--epochs", type=int, default=20)
    words = parser.parse_args()
    main(words.target, words.epochs)
