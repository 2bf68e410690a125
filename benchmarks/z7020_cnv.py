# SPDX-License-Identifier: Apache-2.0
"""A small CNV trained on part of CIFAR-10, in hardware: exactness, rate, resources against the cost model.

    DRAWPLATE_DATA=... python benchmarks/z7020_cnv.py [WEIGHT_BITS ACT_BITS]

CNV with a quarter of the channels (16, 32, 64; 128 neurons), 8-bit pixels, three epochs on 4,000 images: it shows
that convolutional networks come out exact, not how accurate they can be.  The folding is the smallest for 6,000
frames per second at 100 MHz.  One row per network in ``results/z7020_cnv.csv``, one per layer in
``results/z7020_cnv_layers.csv``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from _table import record

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.metric import Source
from drawplate.outcome import Outcome
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model
from drawplate_dataflow.resources import NAMES

IMAGES = 20
TRAINING = {"epochs": 3, "batch": 100, "lr": 0.005}


def lowered(runner: Runner, weight_bits: int, act_bits: int) -> tuple[Artifact, float]:
    """Train and lower; return the model and its test accuracy."""
    proto = build_model("cnv", {"width": 0.25}, shape=(3, 32, 32), classes=10, seed=0)
    model = runner.session.store.put_model(proto, Form.FLOAT, ())
    bits = {"weight_bits": weight_bits, "act_bits": act_bits, "input_bits": 8}
    for step, options in (("quantize", bits), ("fit", TRAINING)):
        model = runner.run(Request(step=step, subject=model, options=options)).artifact
    top1 = runner.run(Request(step="ort", subject=model, verbs=("measure",))).metric("top1")
    return runner.run(Request(step="lower", subject=model, options={"check_images": 100})).artifact, top1


Figures = dict[tuple[str | None, str], float]


def figures(outcome: Outcome, source: Source) -> Figures:
    """Return metrics of one source by layer and name."""
    return {(metric.layer, metric.name): metric.value for metric in outcome.metrics if metric.source is source}


def counts(layer: str | None, estimated: Figures, synthesised: Figures) -> dict[str, int]:
    """Return the resources of a layer, or of the whole, from both sources."""
    found = {}
    for part in NAMES:
        found[f"{part}_estimated"] = int(estimated[layer, part])
        found[f"{part}_synthesised"] = int(synthesised[layer, part])
    return found


def main(weight_bits: str = "2", act_bits: str = "2") -> None:
    name = f"W{weight_bits}A{act_bits}"
    folder = Path(os.environ.get("DRAWPLATE_STORE", ".drawplate-benchmark"))
    runner = make_runner(folder, data={"name": "cifar10", "limit": 4000, "test_limit": 1000})
    model, top1 = lowered(runner, int(weight_bits), int(act_bits))
    folded = runner.run(Request(step="fold", subject=model, options={"target_fps": 6000})).artifact
    estimated = figures(runner.run(Request(step="z7020", subject=folded, verbs=("measure",))), Source.ESTIMATED)
    done = runner.run(Request(step="z7020", subject=folded, options={"images": IMAGES}))
    simulated, synthesised = figures(done, Source.SIMULATED), figures(done, Source.SYNTHESISED)
    for layer in dict.fromkeys(layer for layer, _ in synthesised if layer):
        row = {"network": name, "layer": layer} | counts(layer, estimated, synthesised)
        record("z7020_cnv_layers.csv", ("network", "layer"), row)
    whole = {"network": name, "top1_percent": round(top1, 2), "images_exact": IMAGES}
    whole |= {"cycles_simulated": f"{simulated[None, 'cycles']:g}", "fps_at_100_mhz": round(simulated[None, "fps"])}
    whole |= {"latency_ms_simulated": round(simulated[None, "latency_ms"], 3)} | counts(None, estimated, synthesised)
    record("z7020_cnv.csv", ("network",), whole)
    print(", ".join(f"{key} {value}" for key, value in whole.items()))
    runner.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
