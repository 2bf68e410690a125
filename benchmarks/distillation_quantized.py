# SPDX-License-Identifier: Apache-2.0
"""A 3-bit perceptron (W3A3, 784-256-256-256-10) distilled from a float convolutional teacher, against the same
perceptron trained on labels alone: Fashion-MNIST, test accuracy of the last epoch over seeds.

    DRAWPLATE_DATA=... python benchmarks/distillation_quantized.py [METHOD ...]

Teacher, images, epochs and training are those of benchmarks/distillation_methods.py.
"""

from __future__ import annotations

import sys
import time

from distillation_methods import EPOCHS, FIRST, SEEDS, WIDE, lasting, row, runners, teacher

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.zoo import build_model

BITS = {"weight_bits": 3, "act_bits": 3}


def student(runner: Runner, seed: int) -> Artifact:
    proto = build_model("mlp", {}, shape=(1, 28, 28), classes=10, seed=seed)
    plain = runner.session.store.put_model(proto, Form.FLOAT, ())
    return runner.run(Request(step="quantize", subject=plain, options=BITS, seed=seed)).artifact


def trained(runner: Runner, subject: Artifact, seed: int, teachers: tuple[Artifact, ...], method: str) -> float:
    step, options = ("distill", {"method": method}) if method else ("fit", {})
    request = Request(step=step, subject=subject, teachers=teachers, options=lasting(EPOCHS) | options, seed=seed)
    return runner.run(request).curves["test_top1"][-1][1]


def main() -> None:
    runner, large = runners()
    wide = teacher(large, "wide", **WIDE)
    students = [student(runner, seed) for seed in SEEDS]
    print("| method | mean | spread | gain | seeds | CPU seconds |\n|---|---|---|---|---|---|")
    baseline: list[float] = []
    for method in ("", *(sys.argv[1:] or FIRST)):
        started = time.process_time()
        teachers = (wide,) if method else ()
        values = [trained(runner, one, seed, teachers, method) for seed, one in zip(SEEDS, students, strict=True)]
        baseline = baseline or values
        print(row(method or "undistilled", values, baseline, time.process_time() - started), flush=True)


if __name__ == "__main__":
    main()
