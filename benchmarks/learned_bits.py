# SPDX-License-Identifier: Apache-2.0
"""Bit widths trained by gradient against uniform ones and against ``evolve``: error at LUTs of a Z7020 (estimated).

    DRAWPLATE_DATA=... python benchmarks/learned_bits.py [uniform|learned|evolve] [SEED ...]

784-64-64-64-10 on Fashion-MNIST (the first 10,000 images), every network folded by PE = SIMD = 16 and so of one rate.
``uniform``: W2A2, W2A3, W3A3, W4A4, trained for 8 epochs.  ``learned``: from W6A6, 3 epochs of widths and 5 settled,
for several parts of the LUTs of W6A6.  ``evolve``: NSGA-II over ``bits``, 24 candidates of 8 epochs.  Top-1 on 10,000
test images; rows go to ``results/learned_bits.csv``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _table import record

from drawplate.artifact import Artifact
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store
from drawplate.zoo import build_model

TABLE = "learned_bits.csv"
DATA = {"name": "fashion-mnist", "limit": 10000}
FOLDING = {"pe": 16, "simd": 16}
FIT = {"batch": 100, "lr": 0.003}
PROBE = (
    {"use": "lower", "finn": False, "check_images": 1},
    {"use": "fold", **FOLDING},
    {"use": "z7020", "only": ["measure"]},
)
UNIFORM = ((2, 2), (2, 3), (3, 3), (4, 4))
SHARES = (0.2, 0.3, 0.5)


def hardware(runner: Runner, model: Artifact) -> int:
    """Return the LUTs of a model at the rate."""
    lowered = runner.run(Request(step="lower", subject=model, options={"finn": False, "check_images": 100})).artifact
    folded = runner.run(Request(step="fold", subject=lowered, options=FOLDING)).artifact
    return int(runner.run(Request(step="z7020", subject=folded, verbs=("measure",))).metric("lut"))


def keep(runner: Runner, model: Artifact, kind: str, name: str, seed: int, seconds: float) -> None:
    """Measure a model and record it."""
    options = {"runs": 1, "warmup": 0}
    top1 = runner.run(Request(step="ort", subject=model, options=options, verbs=("measure",))).metric("top1")
    row = {"kind": kind, "name": name, "seed": seed, "top1": f"{top1:.2f}", "lut_estimated": hardware(runner, model)}
    record(TABLE, ("kind", "name", "seed"), {**row, "seconds": f"{seconds:.1f}"})
    print(row, flush=True)


def start(runner: Runner, seed: int) -> Artifact:
    """Return the float network, trained for 3 epochs."""
    dataset = runner.dataset()
    proto = build_model("mlp", {"hidden": (64, 64, 64)}, shape=dataset.shape, classes=dataset.outputs, seed=seed)
    plain = runner.session.store.put_model(proto)
    return runner.run(Request(step="fit", subject=plain, options={"epochs": 3, **FIT}, seed=seed)).artifact


def uniform(runner: Runner, seed: int) -> None:
    """Measure networks of one precision."""
    plain = start(runner, seed)
    for weights, acts in UNIFORM:
        options = {"weight_bits": weights, "act_bits": acts, "weight_quantizer": "error"}
        rounded = runner.run(Request(step="quantize", subject=plain, options=options, seed=seed)).artifact
        trained = runner.run(Request(step="fit", subject=rounded, options={"epochs": 8, **FIT}, seed=seed))
        keep(runner, trained.artifact, "uniform", f"W{weights}A{acts}", seed, trained.seconds)


def learned(runner: Runner, seed: int) -> None:
    """Measure networks whose widths were trained."""
    options = {"weight_bits": 6, "act_bits": 6, "weight_quantizer": "error"}
    rounded = runner.run(Request(step="quantize", subject=start(runner, seed), options=options, seed=seed)).artifact
    for share in SHARES:
        wanted: dict[str, Any] = {
            "width_epochs": 3,
            "epochs": 5,
            **FIT,
            "share": share,
            "cost": "z7020.lut",
            "probe": PROBE,
        }
        made = runner.run(Request(step="learn_bits", subject=rounded, options=wanted, seed=seed))
        print([row["bits"] for row in made.tables["widths"]], made.notes[-1], flush=True)
        keep(runner, made.artifact, "learned", f"{share:g}", seed, made.seconds)


def evolve(runner: Runner, seed: int) -> None:
    """Search over bits, and measure the front."""
    options = {
        "space": "bits",
        "population": 6,
        "generations": 4,
        "result": "fit",
        "start": ({"*.w": 2, "*.a": 2}, {"*.w": 3, "*.a": 3}, {"*.w": 2, "*.a": 3}),
        "candidate": ({"use": "quantize"}, {"use": "fit", "epochs": 8, **FIT}, *PROBE),
        "objectives": {"error": "min", "z7020.lut": "min"},
    }
    started = time.monotonic()
    made = runner.run(Request(step="evolve", subject=start(runner, seed), options=options, seed=seed))
    seconds = time.monotonic() - started
    for number, member in enumerate(made.front):
        keep(runner, member.artifact, "evolve", f"member {number}", seed, seconds)


def main(arguments: list[str]) -> None:
    """Measure what is named, or all."""
    kinds = {"uniform": uniform, "learned": learned, "evolve": evolve}
    chosen = [name for name in arguments if name in kinds] or list(kinds)
    seeds = [int(part) for part in arguments if part.isdigit()] or [0, 1, 2]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner.of(Session(store=Store(Path(folder) / "store"), data=DATA))
        try:
            for seed in seeds:
                for name in chosen:
                    kinds[name](runner, seed)
        finally:
            runner.close()


if __name__ == "__main__":
    main(sys.argv[1:])
