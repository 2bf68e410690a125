# SPDX-License-Identifier: Apache-2.0
"""MLPerf Tiny's networks and CNV through the whole chain to the XC7Z020's RTL, beside published submissions.

    python benchmarks/mlperf.py dscnn                 # as its flow says, not trained
    python benchmarks/mlperf.py resnet8 MODEL.onnx    # a quantized model that was trained by its flow
    python benchmarks/mlperf.py cnv MODEL.onnx W2A2   # or with other bits than the flow's

What is measured is hardware: cycles of a frame against those planned, every output against the golden model, latency,
resources by yosys.  None of that depends on training.  Where a network was not trained, or its data are made up, the
row says so in place of an accuracy.  ECP5's figures are estimates for the board ULX3S, one row per network in
``results/mlperf.csv``; ``docs/generate_mlperf.py`` makes the page of them.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from _table import record

from drawplate.artifact import Artifact, Form
from drawplate.errors import DrawplateError
from drawplate.job import Request
from drawplate.metric import Source
from drawplate.model_file import load_model
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model

FLOWS = Path(__file__).parents[1] / "flows" / "mlperf"
PROVED = 8
"""Test examples that `lower` proves every code on."""
FRAMES: Mapping[str, int] = {"autoencoder": 20, "keywords-mlp": 20, "dscnn": 4}
"""Test examples that are simulated; 2 of the others, again and again until the pipeline is full."""
Z7020 = ("lut", "ff", "bram18", "dsp")
ECP5 = ("lut4", "ff", "dp16kd", "mult18")


def main(name: str, trained: str = "", bits: str = "") -> None:
    flow = tomllib.loads((FLOWS / f"{name}.toml").read_text(encoding="utf-8"))
    steps: dict[str, dict[str, Any]] = {step["use"]: step for step in flow["step"]}
    runner = make_runner(Path(os.environ.get("DRAWPLATE_STORE", ".drawplate-benchmark")), data=flow["data"])
    dataset = runner.dataset()
    if trained:
        model = runner.session.store.put_model(load_model(Path(trained)), Form.QONNX, ())
        found = runner.run(Request(step="ort", subject=model, verbs=("measure",)))
        top1 = next(metric for metric in found.metrics if metric.name == "top1")
        accuracy = f"{top1.value:.2f} {top1.unit} of {top1.count:,} test images"
    else:
        proto = build_model(flow["model"]["zoo"], {}, shape=dataset.shape, classes=dataset.outputs, seed=0)
        model = runner.session.store.put_model(proto, Form.FLOAT, ())
        model = _step(runner, "quantize", model, _options(steps["quantize"]))
        accuracy = "synthetic data, not trained" if dataset.synthetic else "not trained"
    lowered = _step(runner, "lower", model, {"check_images": PROVED, "finn": False})
    said = steps["quantize"]
    row: dict[str, Any] = {
        "network": name,
        "bits": bits or f"W{said['weight_bits']}A{said['act_bits']}",
        "data": dataset.name,
        "accuracy": accuracy,
        **_z7020(runner, lowered, FRAMES.get(name, 2)),
        **_ecp5(runner, lowered),
    }
    record("mlperf.csv", ("network", "bits"), row)
    print(", ".join(f"{key} {value}" for key, value in row.items()))
    runner.close()


def _options(step: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key not in {"use", "name", "on"}}


def _step(runner: Runner, step: str, model: Artifact, options: Mapping[str, Any]) -> Artifact:
    found = runner.run(Request(step=step, subject=model, options=dict(options))).artifact
    assert found is not None
    return found


def _z7020(runner: Runner, lowered: Artifact, images: int) -> dict[str, Any]:
    """Fold for a PYNQ-Z2, simulate and synthesise; what is simulated has to be what is planned."""
    folded = _step(runner, "fold", lowered, {})
    quick = runner.run(
        Request(step="z7020", subject=folded, verbs=("measure",), options={"images": 0, "synthesise": False})
    )
    planned = {metric.name: metric.value for metric in quick.metrics if metric.layer is None}
    done = runner.run(Request(step="z7020", subject=folded, options={"images": images, "back_pressure": images > 2}))
    whole = [metric for metric in done.metrics if metric.layer is None]
    simulated = {metric.name: metric.value for metric in whole if metric.source is Source.SIMULATED}
    counted = {metric.name: metric.value for metric in whole if metric.source is Source.SYNTHESISED}
    return {
        "images_exact": images,
        "cycles_planned": int(planned["cycles"]),
        "cycles_simulated": int(simulated["cycles"]),
        "interval_us": round(1e6 / simulated["fps"], 2),
        "latency_us": round(simulated["latency_ms"] * 1e3, 2),
        **{f"{part}_synthesised": int(counted[part]) for part in Z7020},
        "fits": int(counted["fits"]),
    }


def _ecp5(runner: Runner, lowered: Artifact) -> dict[str, Any]:
    """Fold for an ULX3S and estimate; empty where it does not fit."""
    try:
        folded = _step(runner, "fold", lowered, {"target": "ecp5", "board": "ulx3s-85f", "embedded": True})
    except DrawplateError as refused:
        return {"ecp5_cycles": "", **{f"ecp5_{part}": "" for part in ECP5}, "ecp5_note": str(refused).split("\n")[0]}
    # The cycles are the network's own, which a serial line would bound; the resources are those with the wrapper.
    alone, whole = (_estimated(runner, folded, embedded=embedded) for embedded in (True, False))
    counts = {f"ecp5_{part}": int(whole[part]) for part in ECP5}
    return {"ecp5_cycles": int(alone["cycles"]), **counts, "ecp5_note": "estimated"}


def _estimated(runner: Runner, folded: Artifact, *, embedded: bool) -> Mapping[str, float]:
    options = {"images": 0, "place": False, "embedded": embedded}
    found = runner.run(Request(step="ecp5", subject=folded, verbs=("measure",), options=options))
    return {metric.name: metric.value for metric in found.metrics if metric.layer is None}


if __name__ == "__main__":
    main(*sys.argv[1:])
