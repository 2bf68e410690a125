# SPDX-License-Identifier: Apache-2.0
"""Trained Fashion-MNIST perceptrons (784-256-256-256-10) in hardware: exactness, rate, resources, test accuracy.

    DRAWPLATE_DATA=... python benchmarks/z7020_perceptrons.py [FOLDING W3A3i8 ...]

FOLDING is ``fastest`` (what ``fold`` finds by itself for a PYNQ-Z2 at 100 MHz under a ceiling of 85 %), ``luts_only``
(the same without DSP48E1 blocks) or ``sixteen`` (PE = SIMD = 16 on the hidden layers, 256 cycles per frame); W3A3i8 is
3-bit weights and activations, 8-bit pixels.
Every row is written to ``results/z7020_perceptrons.csv`` as soon as it is known.  LUTs of the same folding as FINN+
1.6.1 estimates them for its own HLS kernels are the baseline of ``sixteen``.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import onnx
from _table import record
from _trained import Bits, open_store, trained

from drawplate.artifact import Artifact
from drawplate.job import Request
from drawplate.metric import Metric, Source
from drawplate.outcome import Outcome
from drawplate.runner import Runner
from drawplate_dataflow.resources import NAMES
from drawplate_target_z7020.parts import find_part

TABLE = "z7020_perceptrons.csv"
IMAGES = 1000
PART = find_part("pynq-z2")
CASES = {
    "fastest": ("W3A3i3", "W2A2i2", "W1A1i1", "W3A3i8", "W4A4i8"),
    "luts_only": ("W4A4i8",),
    "sixteen": ("W1A1i1", "W2A2i2", "W3A3i3", "W1A1i8", "W2A2i8", "W3A3i8", "W4A4i8"),
}


def fold_options(model: Artifact, folding: str) -> dict[str, Any]:
    """Return the options of ``fold``."""
    if folding != "sixteen":
        return {"dsp": 0} if folding == "luts_only" else {}
    first, *_, last = (node.name for node in onnx.load(model.path).graph.node if node.op_type == "MVAU")
    return {"pe": 16, "simd": 16, "layers": {first: {"pe": 16, "simd": 49}, last: {"pe": 1, "simd": 16}}}


def foldings(model: Artifact) -> dict[str, dict[str, int]]:
    """Read PE and SIMD of every layer."""
    return {
        node.name: {item.name: item.i for item in node.attribute if item.name in {"PE", "SIMD"}}
        for node in onnx.load(model.path).graph.node
        if node.op_type == "MVAU"
    }


def whole(outcome: Outcome, name: str, source: Source) -> Metric:
    """Return a figure of the whole network, and see that it was found as it is called in the table."""
    found = next(metric for metric in outcome.metrics if metric.name == name and metric.layer is None)
    assert found.source is source, f"{name} is {found.source}"
    return found


def hardware(runner: Runner, folded: Artifact) -> dict[str, Any]:
    """Simulate, synthesise and estimate; the step fails where one output of one image differs."""
    estimated = runner.run(Request(step="z7020", subject=folded, verbs=("measure",)))
    done = runner.run(Request(step="z7020", subject=folded, options={"images": IMAGES}))
    cycles = whole(done, "cycles", Source.SIMULATED)
    print(f"  {cycles.note}")
    resources = {f"{name}_synthesised": int(whole(done, name, Source.SYNTHESISED).value) for name in NAMES}
    return {
        "cycles_simulated": f"{cycles.value:g}",
        "fps_at_100_mhz": round(whole(done, "fps", Source.SIMULATED).value),
        "latency_us_simulated": round(whole(done, "latency_ms", Source.SIMULATED).value * 1000, 2),
        "images_exact": IMAGES,
        "lut_estimated": int(whole(estimated, "lut", Source.ESTIMATED).value),
        **resources,
        "lut_of_part_percent": round(100 * resources["lut_synthesised"] / PART.budget.lut, 1),
    }


def finn_luts(runner: Runner, lowered: Artifact, folded: Artifact) -> int:
    """Return what FINN+ estimates for its own kernels at the same folding."""
    rows = runner.tool("finn").call("estimate", model=str(lowered.path), folding=foldings(folded), part=PART.part)
    return round(sum(row["lut"] for row in rows))


def measure(runner: Runner, folding: str, bits: Bits) -> dict[str, Any]:
    """Measure one network with one folding."""
    network = trained(runner, bits)
    folded = runner.run(
        Request(step="fold", subject=network.model, options=fold_options(network.model, folding))
    ).artifact
    pairs = " ".join(f"{pair['PE']},{pair['SIMD']}" for pair in foldings(folded).values())
    row = {"network": str(bits), "folding": folding, "pe_simd": pairs, "top1_percent": round(network.top1, 2)}
    row |= hardware(runner, folded)
    finn = finn_luts(runner, network.model, folded) if folding == "sixteen" else None
    ratio = f"{row['lut_synthesised'] / finn:.3f}" if finn else ""
    return row | {"finn_lut_estimated": finn or "", "lut_to_finn": ratio}


def main() -> None:
    folding, *networks = sys.argv[1:] or [""]
    runner = open_store()
    for name in [folding] if folding else CASES:
        for network in networks or CASES[name]:
            started = time.perf_counter()
            row = measure(runner, name, Bits.parse(network))
            record(TABLE, ("network", "folding"), row)
            print(", ".join(f"{key} {value}" for key, value in row.items() if value != ""), flush=True)
            print(f"  {time.perf_counter() - started:.0f} s", flush=True)
    runner.close()


if __name__ == "__main__":
    main()
