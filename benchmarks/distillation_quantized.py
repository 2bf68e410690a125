# SPDX-License-Identifier: Apache-2.0
"""A 3-bit perceptron (W3A3, 784-256-256-256-10) distilled from a float convolutional teacher, against the same
perceptron trained on labels alone: Fashion-MNIST, test accuracy of the last epoch over seeds.

    DRAWPLATE_DATA=... python benchmarks/distillation_quantized.py
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model

SEEDS = (0, 1, 2)
EPOCHS = 10
TRAINING = {"epochs": EPOCHS, "batch": 128, "lr": 1e-3, "precision": "fp32", "select": "last", "snapshots": [EPOCHS]}
METHODS = ("kd", "kd_std", "dkd", "dist")


def model(runner: Runner, name: str, seed: int, **options: object) -> Artifact:
    proto = build_model(name, options, shape=(1, 28, 28), classes=10, seed=seed)
    return runner.session.store.put_model(proto, Form.FLOAT, ())


def trained(runner: Runner, step: str, subject: Artifact, *teachers: Artifact, seed: int, **options: object) -> float:
    request = Request(step=step, subject=subject, teachers=teachers, options=TRAINING | options, seed=seed)
    return runner.run(request).curves["test_top1"][-1][1]


def main() -> None:
    folder = Path(os.environ.get("DRAWPLATE_STORE", ".drawplate-benchmark"))
    runner = make_runner(folder, data={"name": "fashion-mnist", "val": 2000, "limit": 50_000})
    big = model(runner, "flexstudent", 100, channels=(16,), neurons=64)
    fitted = runner.run(Request(step="fit", subject=big, options=TRAINING | {"epochs": 5, "snapshots": [5]}, seed=100))
    print(f"teacher: test top-1 {fitted.curves['test_top1'][-1][1]:.2f} %", flush=True)
    bits = {"weight_bits": 3, "act_bits": 3}
    students = [
        runner.run(Request(step="quantize", subject=model(runner, "mlp", seed), options=bits, seed=seed)).artifact
        for seed in SEEDS
    ]
    print("| method | mean | spread | seeds |\n|---|---|---|---|")
    for name in ("undistilled", *METHODS):
        values = [
            trained(runner, "fit", student, seed=seed)
            if name == "undistilled"
            else trained(runner, "distill", student, fitted.artifact, seed=seed, method=name)
            for seed, student in zip(SEEDS, students, strict=True)
        ]
        each = " ".join(f"{value:.2f}" for value in values)
        print(f"| {name} | {statistics.mean(values):.2f} | {statistics.stdev(values):.2f} | {each} |", flush=True)


if __name__ == "__main__":
    main()
