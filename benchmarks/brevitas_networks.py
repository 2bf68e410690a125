# SPDX-License-Identifier: Apache-2.0
"""Brevitas' own example networks (``brevitas_examples.bnn_pynq``), from its package to exact RTL: one epoch each.

    DRAWPLATE_DATA=... python benchmarks/brevitas_networks.py [NETWORK ...]

Python factory, plan, one epoch of ``fit``, ``lower``, ``fold`` for a PYNQ-Z2 at 100 MHz, RTL in simulation, where the
step fails when one output of one image differs from the integer network's.  Perceptrons learn MNIST, CNV CIFAR-10;
resources are estimated.  A row of ``results/brevitas_networks.csv`` is written as soon as it is known.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _table import record

from drawplate.errors import DrawplateError
from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store

NETWORKS = ("tfc_1w1a", "tfc_1w2a", "tfc_2w2a", "sfc_1w1a", "sfc_1w2a", "sfc_2w2a", "lfc_1w1a", "lfc_1w2a")
CONVOLUTIONAL = ("cnv_1w1a", "cnv_1w2a", "cnv_2w2a")
TABLE = "brevitas_networks.csv"
FLOW = """
[model]
python = "brevitas_examples.bnn_pynq:{name}"
pretrained = false

[data]
name = "{data}"
{limit}

[[step]]
use = "fit"
epochs = 1
batch = 100
lr = 0.02

[[step]]
use = "lower"
check_images = 200
finn = false

[[step]]
use = "fold"

[[step]]
use = "z7020"
images = {images}
synthesise = false
"""


def measured(name: str, images: int, train: int | None) -> dict[str, Any]:
    """Run the whole flow and return its row.

    Raises:
        DrawplateError: where a step refuses, or one output differs.
    """
    data = "cifar10" if name in CONVOLUTIONAL else "mnist"
    limit = f"limit = {train}" if train else ""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(FLOW.format(name=name, data=data, images=images, limit=limit), encoding="utf-8")
        flow = read_flow(path)
        runner = Runner.of(Session(store=Store(Path(folder) / "store"), data=flow.data))
        try:
            result = run_flow(flow, runner)
            training = len(runner.dataset().split("train"))
        finally:
            runner.close()
    outcomes = {step.request.step if hasattr(step, "request") else key: step for key, step in result.steps.items()}
    found = {metric.name: metric for metric in outcomes["z7020"].outcome.metrics if metric.layer is None}
    proved = outcomes["lower"].outcome.notes[0]
    return {
        "network": name,
        "data": data,
        "training_images": training,
        "top1_integers_200_images": proved.partition("top1 ")[2].partition(" %")[0],
        "codes": proved.rpartition("; ")[2],
        "rtl_images_exact": images,
        "cycles_simulated": f"{found['cycles'].value:g}",
        "lut_estimated": int(found["lut"].value),
        "bram18_estimated": int(found["bram18"].value),
        "seconds": round(time.monotonic() - started),
    }


def main(names: list[str]) -> None:
    """Measure the networks named, or all of them."""
    for name in names or (*NETWORKS, *CONVOLUTIONAL):
        images, train = (2, 2500) if name in CONVOLUTIONAL else (100, None)
        try:
            row = measured(name, images, train)
        except DrawplateError as error:
            print(f"{name}: {error.message}", flush=True)
            continue
        record(TABLE, ("network",), row)
        print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
