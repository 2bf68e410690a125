# SPDX-License-Identifier: Apache-2.0
"""LUT, FF and RAMB18 of the 64 networks with 1 to 8 bits per weight and per activation.

``python benchmarks/z7020_precisions.py`` prints the cost model's heat maps of the 784-256-256-256-10 perceptron with
PE = SIMD = 8 on its hidden layers (1,024 cycles), once with 8-bit pixels and once with pixels of as many bits as the
activations; ``--synthesise W A ...`` counts networks of 8-bit pixels with yosys.  Rows go into
``results/z7020_precisions.csv``.  Weights are random; thresholds are evenly spaced, as those of a uniform activation
quantizer are.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from _table import record
from attrs import evolve

from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.evidence import estimate_layers
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import Layer, Network
from drawplate_dataflow.network.types import sum_range
from drawplate_dataflow.resources import NAMES, Resources, total
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp
from drawplate_target_z7020.synthesis.synthesise import Derive, synthesise
from drawplate_target_z7020.xc7 import XC7

BITS = range(1, 9)
TABLE = "z7020_precisions.csv"
KEY = ("weight_bits", "act_bits", "pixel_bits", "source")


def network(weight_bits: int, act_bits: int, pixel_bits: int) -> Network:
    """Make one of the 64 networks."""
    folds = ((256, 4, 49), (256, 8, 8), (256, 8, 8))
    shapes = [
        LayerShape(mh=mh, pe=pe, simd=simd, weight_bits=weight_bits, output_bits=act_bits) for mh, pe, simd in folds
    ]
    last = LayerShape(mh=10, pe=1, simd=4, weight_bits=weight_bits, output_bits=None)
    made = random_mlp(784, activation_type(pixel_bits), [*shapes, last])
    return evolve(made, layers=tuple(even(layer, made) for layer in made.layers))


def even(layer: Layer, made: Network) -> Layer:
    """Space the thresholds of every channel evenly over the middle third of its sums."""
    if not isinstance(layer, MatMul) or layer.thresholds is None:
        return layer
    low, high = sum_range(layer.weights, made.sources(layer)[0].type)
    count = layer.thresholds.shape[1]
    start, span = (2 * low + high) / 3, np.maximum((high - low) / 3, 2 * count)
    steps = np.arange(count) / count
    return evolve(layer, thresholds=np.floor(start[:, None] + span[:, None] * steps).astype(np.int64))


def show(found: dict[tuple[int, int], Resources]) -> None:
    """Print heat maps, and how much of the variance of the logarithm weights and activations explain."""
    for name in NAMES:
        table = np.array([[getattr(found[w, a], name) for a in BITS] for w in BITS])
        print(f"\n{name}: rows W1..8, columns A1..8")
        print("\n".join(" ".join(f"{value:8.0f}" for value in row) for row in table))
        if table.min() > 0:
            logs = np.log(table)
            whole = ((logs - logs.mean()) ** 2).sum()
            of_w = ((logs.mean(1) - logs.mean()) ** 2).sum() * 8 / whole
            of_a = ((logs.mean(0) - logs.mean()) ** 2).sum() * 8 / whole
            print(f"share of variance: weights {of_w:.2f}, activations {of_a:.2f}")


def note(weight_bits: int, act_bits: int, pixel_bits: int, source: str, taken: Resources) -> None:
    """Put a row into the results."""
    counts = dict(zip((label.name for label in XC7.labels), map(round, taken.vector), strict=True))
    record(TABLE, KEY, dict(zip(KEY, (weight_bits, act_bits, pixel_bits, source), strict=True)) | counts)


def estimate(weight_bits: int, act_bits: int, pixel_bits: int) -> Resources:
    """Ask the cost model."""
    layers = estimate_layers(network(weight_bits, act_bits, pixel_bits), CostModel(XC7))
    return total(layer.resources for layer in layers.values())


def estimate_all() -> None:
    """Estimate the networks twice, with 8-bit pixels and with pixels as wide as activations."""
    for name, pixels in (("8-bit pixels", lambda _: 8), ("pixels as wide as activations", int)):
        found = {(w, a): estimate(w, a, pixels(a)) for w in BITS for a in BITS}
        for (w, a), taken in found.items():
            if name == "8-bit pixels" or a < 8:
                note(w, a, pixels(a), "estimated", taken)
        print(f"\n== {name}")
        show(found)


def synthesise_some(*pairs: str) -> None:
    """Count networks with yosys."""
    for w, a in zip(map(int, pairs[::2]), map(int, pairs[1::2]), strict=True):
        with tempfile.TemporaryDirectory() as folder:
            counted = synthesise(generate(network(w, a, 8), XC7), derive(Path(folder)), workers=1).resources
        note(w, a, 8, "synthesised", counted)
        off = estimate(w, a, 8).lut / counted.lut - 1
        print(f"W{w}A{a}: {counted}, LUT estimated {off:+.1%}", flush=True)


def derive(root: Path) -> Derive:
    """Return what ``job.derived`` is in a flow: a function that makes each result once, here under ``root``."""

    def derived(_kind: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        folder = root / str(key["shape"])
        if not folder.exists():
            folder.mkdir()
            make(folder)
        return folder

    return derived


if __name__ == "__main__":
    if sys.argv[1:2] == ["--synthesise"]:
        synthesise_some(*sys.argv[2:])
    else:
        estimate_all()
