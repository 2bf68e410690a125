# SPDX-License-Identifier: Apache-2.0
"""Every distillation method against the undistilled student: test accuracy, mean and spread over seeds.

    DRAWPLATE_DATA=... python benchmarks/distillation_methods.py [--sgd] [METHOD[:NAME=VALUE,...] ...]

Same student, same start, same images, same epochs, batch, optimiser and rate for all; a method's weights are its
published ones, untuned, unless named; a setting is to be chosen by the validation column. The last epoch's weights
count (nothing is chosen on any split), on Fashion-MNIST's whole test split. Teachers are trained once on 50,000
images; students, distilled or not, see the first 5,000 of them, so part of a gain is what the teacher knows of the
others. Methods that need equal channels get a teacher with the student's convolutions, `alike`; all others get
`wide`. Own stages of fsp, abound and factor come on top. `--sgd` trains all students with RepDistiller's optimiser.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model

SEEDS = (0, 1, 2)
TEACHER_IMAGES, TEACHER_EPOCHS = 50_000, 5
IMAGES, EPOCHS = 5_000, 12
TRAINING = {"batch": 128, "optimizer": "adam", "lr": 2e-3, "schedule": "cosine", "precision": "fp32"}
SGD = {"batch": 64, "optimizer": "sgd", "lr": 0.05, "weight_decay": 5e-4}
VALIDATION = 1000
STUDENT = {"channels": (8,), "neurons": 32}
WIDE = {"channels": (16,), "neurons": 64}
ALIKE = {"channels": (8,), "neurons": 256}
FIRST = ("kd", "kd_std", "dkd", "dist")
EQUAL_CHANNELS = ("fsp", "kdsvd")


def model(runner: Runner, seed: int, **options: object) -> Artifact:
    dataset = runner.dataset()
    proto = build_model("flexstudent", options, shape=dataset.shape, classes=len(dataset.classes), seed=seed)
    return runner.session.store.put_model(proto, Form.FLOAT, ())


def lasting(epochs: int) -> dict[str, object]:
    """Training of so many epochs, of which the last is judged on the test split."""
    return TRAINING | {"epochs": epochs, "select": "last", "snapshots": [epochs]}


def teacher(runner: Runner, name: str, **options: object) -> Artifact:
    subject = model(runner, 100, **options)
    request = Request(step="fit", subject=subject, options=lasting(TEACHER_EPOCHS), seed=100)
    outcome = runner.run(request)
    print(f"teacher {name}: test top-1 {outcome.curves['test_top1'][-1][1]:.2f} %", flush=True)
    return outcome.artifact


def accuracies(
    runner: Runner, step: str, teachers: tuple[Artifact, ...], **options: object
) -> tuple[list[float], list[float]]:
    """Return test and validation accuracy by seed."""
    test, val = [], []
    for seed in SEEDS:
        subject = model(runner, seed, **STUDENT)
        request = Request(step=step, subject=subject, teachers=teachers, options=lasting(EPOCHS) | options, seed=seed)
        curves = runner.run(request).curves
        test.append(curves["test_top1"][-1][1])
        val.append(curves["val_top1"][-1][1])
    return test, val


def wanted(spec: str) -> tuple[str, dict[str, object]]:
    """Read ``METHOD:NAME=VALUE,...``: the method, and options of ``distill``; alpha and gamma are the whole loss's."""
    name, _, settings = spec.partition(":")
    pairs = (setting.partition("=") for setting in settings.split(",") if setting)
    own = {key: float(value) for key, _, value in pairs}
    whole = {key: own.pop(key) for key in ("alpha", "gamma") if key in own}
    return name, {"method": {name: own}, **whole}


def row(name: str, values: list[float], baseline: list[float], seconds: float) -> str:
    gain = statistics.mean(values) - statistics.mean(baseline)
    each = " ".join(f"{value - before:+.2f}" for value, before in zip(values, baseline, strict=True))
    spread = statistics.stdev(values)
    return f"| {name} | {statistics.mean(values):.2f} | {spread:.2f} | {gain:+.2f} | {each} | {seconds:.0f} |"


def runners() -> tuple[Runner, Runner]:
    """Return a runner on the students' images and one on the teachers', over one store."""
    folder = Path(os.environ.get("DRAWPLATE_STORE", ".drawplate-benchmark"))
    few, many = (
        make_runner(folder, data={"name": "fashion-mnist", "limit": images, "val": VALIDATION})
        for images in (IMAGES, TEACHER_IMAGES)
    )
    return few, many


def main() -> None:
    runner, large = runners()
    recipe = SGD if "--sgd" in sys.argv else {}
    names = [name for name in sys.argv[1:] if name != "--sgd"] or [
        *FIRST,
        *(n for n in runner.plugins.contributions("distillation_methods") if n not in FIRST),
    ]
    wide = teacher(large, "wide", **WIDE)
    alike = (
        teacher(large, "alike", **ALIKE) if {name.partition(":")[0] for name in names} & set(EQUAL_CHANNELS) else wide
    )
    print("| method | mean | spread | gain | by seed | CPU seconds | validation |\n|---|---|---|---|---|---|---|")
    baseline, val = accuracies(runner, "fit", (), **recipe)
    print(row("undistilled", baseline, baseline, 0), f"{statistics.mean(val):.2f} |", flush=True)
    for spec in names:
        name, loss = wanted(spec)
        started = time.process_time()
        chosen = alike if name in EQUAL_CHANNELS else wide
        values, val = accuracies(runner, "distill", (chosen,), **loss, **recipe)
        print(row(spec, values, baseline, time.process_time() - started), f"{statistics.mean(val):.2f} |", flush=True)


if __name__ == "__main__":
    main()
