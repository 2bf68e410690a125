# SPDX-License-Identifier: Apache-2.0
"""Post-training quantization: what each of Brevitas' algorithms gains over rounding alone, against training (QAT).

    DRAWPLATE_DATA=... python benchmarks/post_training.py [mlp|resnet8x4] [SEED ...]

A float network is trained per seed: 784-128-128-128-10 on Fashion-MNIST for 4 epochs, resnet8x4 on the first 4,000
images of CIFAR-10 for 2.  Each method then rounds it with 1,000 (activations) and 256 (weights) training images;
``qat`` trains the rounded network for as many epochs as the float one.  Top-1 on the test images (2,000 of CIFAR-10),
time of the step ``quantize``, with ``fit`` for ``qat``.  Rows are written to ``results/post_training.csv`` as soon as
they are known; ``table`` prints their means.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from _table import read, record

from drawplate.artifact import Artifact
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store
from drawplate.zoo import build_model

TABLE = "post_training.csv"
BITS = ((3, 3), (4, 4), (4, 8), (8, 8))
ERROR = {"weight_quantizer": "error"}
METHODS: dict[str, dict[str, Any]] = {
    "rounding alone": {},
    "percentile": {"act_ranges": "percentile"},
    "largest": {"act_ranges": "largest"},
    "bias correction": {"correct_bias": True},
    "equalized weights": {"equalize": "weights"},
    "equalized activations": {"equalize": "activations"},
    "least error": ERROR,
    "gptq": {"rounding": "gptq"},
    "learned rounding": {"rounding": "learned"},
    "least error, gptq": {**ERROR, "rounding": "gptq"},
    "least error, gpfq": {**ERROR, "rounding": "gpfq"},
    "least error, gptq, bias": {**ERROR, "rounding": "gptq", "correct_bias": True},
    "least error, learned": {**ERROR, "rounding": "learned"},
    "qat": {},
}
NETWORKS: dict[str, dict[str, Any]] = {
    "mlp": {
        "options": {"hidden": (128, 128, 128)},
        "data": {"name": "fashion-mnist"},
        "fit": {"epochs": 4, "batch": 100, "lr": 0.002},
        "methods": tuple(METHODS),
    },
    "resnet8x4": {
        "options": {},
        "data": {"name": "cifar10", "normalise": "standard", "limit": 4000, "test_limit": 2000, "val": 500},
        "fit": {"epochs": 2, "batch": 50, "lr": 0.002, "augment": "none"},
        "methods": (
            "rounding alone",
            "bias correction",
            "equalized weights",
            "least error",
            "gptq",
            "least error, gptq",
        ),
    },
}


def top1(runner: Runner, model: Artifact) -> float:
    """Measure on the test images."""
    options = {"runs": 1, "warmup": 0}
    outcome = runner.run(Request(step="ort", subject=model, options=options, verbs=("measure",)))
    return float(outcome.metric("top1"))


def measure(name: str, seed: int, bits: tuple[int, int], runner: Runner) -> None:
    """Train one float network, quantize it in every way, and record each."""
    case = NETWORKS[name]
    dataset, (weight_bits, act_bits) = runner.dataset(), bits
    proto = build_model(name, case["options"], shape=dataset.shape, classes=dataset.outputs, seed=seed)
    start = runner.session.store.put_model(proto)
    plain = runner.run(Request(step="fit", subject=start, options=case["fit"], seed=seed)).artifact
    key = ("network", "seed", "bits", "method")
    row = {"network": name, "seed": seed, "bits": "float", "method": "float", "top1": f"{top1(runner, plain):.2f}"}
    record(TABLE, key, {**row, "seconds": ""})
    for method in case["methods"]:
        options = {"weight_bits": weight_bits, "act_bits": act_bits, **METHODS[method]}
        made = runner.run(Request(step="quantize", subject=plain, options=options, seed=seed))
        model, seconds = made.artifact, made.seconds
        if method == "qat":
            trained = runner.run(Request(step="fit", subject=model, options=case["fit"], seed=seed))
            model, seconds = trained.artifact, seconds + trained.seconds
        row = {"network": name, "seed": seed, "bits": f"W{weight_bits}A{act_bits}", "method": method}
        found = {**row, "top1": f"{top1(runner, model):.2f}", "seconds": f"{seconds:.1f}"}
        record(TABLE, key, found)
        print(found, flush=True)


def table() -> None:
    """Print means over seeds, and the gain over rounding alone, in Markdown."""
    rows = read(TABLE)
    for network in dict.fromkeys(row["network"] for row in rows):
        mine = [row for row in rows if row["network"] == network]
        widths = list(dict.fromkeys(row["bits"] for row in mine if row["bits"] != "float"))
        floats = [float(row["top1"]) for row in mine if row["bits"] == "float"]
        print(f"\n{network}: float {_said(floats)} ({len(floats)} seeds)\n")
        print(f"| method | {' | '.join(widths)} | seconds |\n|---|{'---|' * (len(widths) + 1)}")
        for method in dict.fromkeys(row["method"] for row in mine if row["bits"] != "float"):
            cells = [[float(r["top1"]) for r in mine if (r["bits"], r["method"]) == (bits, method)] for bits in widths]
            times = [float(row["seconds"]) for row in mine if row["method"] == method and row["seconds"]]
            said = " | ".join(map(_said, cells))
            print(f"| {method} | {said} | {statistics.median(times):.1f} |")


def _said(values: list[float]) -> str:
    if not values:
        return ""
    spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.2f}{spread}"


def main(arguments: list[str]) -> None:
    """Measure what is named, or all."""
    if arguments == ["table"]:
        table()
        return
    names = [name for name in arguments if name in NETWORKS] or list(NETWORKS)
    seeds = [int(part) for part in arguments if part.isdigit()] or [0, 1, 2]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            runner = Runner.of(Session(store=Store(Path(folder) / "store"), data=NETWORKS[name]["data"]))
            try:
                for bits in BITS:
                    for seed in seeds:
                        measure(name, seed, bits, runner)
            finally:
                runner.close()


if __name__ == "__main__":
    main(sys.argv[1:])
