# SPDX-License-Identifier: Apache-2.0
"""Test accuracy of the paper's perceptron (784-256-256-256-10) after 40 epochs of quantization-aware training.

    DRAWPLATE_DATA=... python benchmarks/qat_accuracy.py [DATASET W A ...]

Beside it stand the accuracies that the paper reports (Stewart et al., 2020: Fig. 6 for Fashion-MNIST; for MNIST its
lowest error, 1.52 %, Table 3).  Adam, batches of 100, cosine; nothing is chosen on the test split.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from drawplate.artifact import Form
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.zoo import build_model

EPOCHS = 40
TRAINING = {"epochs": EPOCHS, "batch": 100, "lr": 0.002, "snapshots": [10, 20, 30, EPOCHS]}
PAPER = {
    ("fashion-mnist", 2, 2): 84.9,
    ("fashion-mnist", 3, 3): 85.5,
    ("fashion-mnist", 4, 4): 85.7,
    ("mnist", 3, 3): 98.48,
}


def train(dataset: str, weight_bits: int, act_bits: int) -> None:
    """Train one network and print its row."""
    folder = Path(os.environ.get("DRAWPLATE_STORE", ".drawplate-benchmark"))
    runner = make_runner(folder, data={"name": dataset})
    proto = build_model("mlp", {"hidden": (256, 256, 256)}, shape=(1, 28, 28), classes=10, seed=0)
    plain = runner.session.store.put_model(proto, Form.FLOAT, ())
    bits = {"weight_bits": weight_bits, "act_bits": act_bits, "input_bits": 8}
    subject = runner.run(Request(step="quantize", subject=plain, options=bits)).artifact
    started = time.process_time()
    trained = runner.run(Request(step="fit", subject=subject, options=TRAINING))
    spent = time.process_time() - started
    kept = runner.run(Request(step="ort", subject=trained.artifact, verbs=("measure",))).metric("top1")
    curve = " ".join(f"{value:.2f}" for _, value in trained.curves["test_top1"])
    paper = PAPER.get((dataset, weight_bits, act_bits))
    print(f"| {dataset} | W{weight_bits}A{act_bits} | {kept:.2f} | {curve} | {paper or ''} | {spent:.0f} |", flush=True)


def main() -> None:
    words = sys.argv[1:]
    asked = [(words[i], int(words[i + 1]), int(words[i + 2])) for i in range(0, len(words), 3)] or list(PAPER)
    print("| data | bits | test top-1, % | after 10, 20, 30, 40 epochs | paper | CPU s |\n|---|---|---|---|---|---|")
    for case in asked:
        train(*case)


if __name__ == "__main__":
    main()
