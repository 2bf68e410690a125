# SPDX-License-Identifier: Apache-2.0
"""The exact folding of the W3A3 perceptron against FINN's SetFolding, and the paper's uniform foldings.

    python benchmarks/folding.py

SetFolding is run in FINN+ for a row of cycle targets.  What each of its foldings takes, by the cost model, is the
budget that `fold` then gets: no more of any resource.  Cycles are of the whole pipeline's slowest layer; the weights
are random, which changes neither cycles nor resources.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from drawplate.artifact import Artifact, Form
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.evidence import estimate_layers
from drawplate_dataflow.folding.choices import uniform
from drawplate_dataflow.folding.goal import Goal
from drawplate_dataflow.folding.optimise import Search
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.network import LayerFolding, Network
from drawplate_dataflow.reading import read
from drawplate_dataflow.resources import Resources, total
from drawplate_target_z7020.xc7 import XC7

CLOCK = 100e6
TARGETS = (65_536, 16_384, 4_096, 1_024, 512, 256, 128, 98)


def lowered(runner: Runner) -> Artifact:
    """Return the W3A3 perceptron with 8-bit pixels in FINN's hardware layers."""
    proto = build_model("mlp", {"hidden": (256, 256, 256)}, shape=(1, 28, 28), classes=10, seed=0)
    plain = runner.session.store.put_model(proto, Form.FLOAT, ())
    bits = {"weight_bits": 3, "act_bits": 3, "input_bits": 8}
    quantized = runner.run(Request(step="quantize", subject=plain, options=bits)).artifact
    return runner.run(Request(step="lower", subject=quantized)).artifact


def priced(network: Network, foldings: Mapping[str, LayerFolding]) -> Mapping[str, Estimate]:
    """Estimate a folding."""
    return estimate_layers(network.folded(foldings), CostModel(XC7))


def interval(estimates: Mapping[str, Estimate]) -> int:
    """Return cycles per frame."""
    return max(estimate.cycles for estimate in estimates.values())


def set_folding(runner: Runner, model: Artifact, cycles: int, folder: Path) -> dict[str, LayerFolding]:
    """Ask FINN+ for its folding."""
    answer = runner.tool("finn").call(
        "set_folding", model=str(model.path), target=str(folder / "folded.onnx"), target_cycles=cycles
    )
    return {name: LayerFolding(pe=entry.get("PE", 0), simd=entry.get("SIMD", 0)) for name, entry in answer.items()}


def against_set_folding(runner: Runner, model: Artifact, network: Network, folder: Path) -> None:
    """Print SetFolding's cycles beside those of the exact optimiser with SetFolding's resources."""
    print("| SetFolding's target | its cycles | LUT | RAMB18 | fold: cycles | LUT | RAMB18 | rate, ratio |")
    print("|---|---|---|---|---|---|---|---|")
    problem = Problem(network, CostModel(XC7), multipliers=220)
    for target in TARGETS:
        estimates = priced(network, set_folding(runner, model, target, folder))
        budget = total(estimate.resources for estimate in estimates.values())
        plan = Search(problem, Goal(budget=budget)).fastest()
        assert plan is not None, "SetFolding's own folding fits its own budget"
        theirs, ours = interval(estimates), plan.cycles
        print(f"| {target} | {theirs} | {_area(budget)} | {ours} | {_area(plan.resources)} | {theirs / ours:.2f} |")


def _area(resources: Resources) -> str:
    return f"{resources.lut:,.0f} | {resources.ram:,.0f}"


def uniform_foldings(network: Network) -> None:
    """Print the paper's PE = SIMD = 2, 8 and 16: everywhere, and with a first layer that does not bind."""
    print("\n| PE = SIMD | 256x256 layers, cycles | FPS of these | whole uniform folding, cycles | FPS | paper's FPS |")
    print("|---|---|---|---|---|---|")
    for width, paper in ((2, "6.1k"), (8, "96k"), (16, "373k")):
        foldings = {layer.name: uniform(layer, network.sources(layer), width, width) for layer in network.layers}
        estimates = list(priced(network, foldings).values())
        hidden, whole = estimates[1].cycles, max(estimate.cycles for estimate in estimates)
        print(f"| {width} | {hidden:,} | {CLOCK / hidden:,.0f} | {whole:,} | {CLOCK / whole:,.0f} | {paper} |")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        runner = make_runner(Path(name), data={"name": "fashion-mnist", "limit": 1000})
        try:
            model = lowered(runner)
            network = read(model)
            against_set_folding(runner, model, network, Path(name))
            uniform_foldings(network)
        finally:
            runner.close()


if __name__ == "__main__":
    main()
