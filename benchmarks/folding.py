# SPDX-License-Identifier: Apache-2.0
"""Foldings: how long they take to find, what is proven of them, and how they compare with FINN's SetFolding.

    python benchmarks/folding.py seconds [NETWORK ...]       # plan of quantize, lower, fold: processor seconds, proof
    python benchmarks/folding.py setfolding [NETWORK ...]    # cycles at the resources of SetFolding's own foldings
    python benchmarks/folding.py port                        # 784-256x3-10, 8-bit pixels: how near the port's 98 cycles

SetFolding is run in FINN+ for a row of cycle targets.  What each of its foldings takes, by the cost model, is the
budget that `fold` then gets: no more of any resource.  The weights are random, which changes neither cycles nor, but
for a few LUTs, resources.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drawplate.artifact import Artifact, Form
from drawplate.errors import DrawplateError
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.testing import make_runner
from drawplate.zoo import build_model
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.evidence import estimate_forks, estimate_layers
from drawplate_dataflow.folding.clock import Clock
from drawplate_dataflow.folding.goal import Goal
from drawplate_dataflow.folding.optimise import Search
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.network import LayerFolding, Network
from drawplate_dataflow.reading import read
from drawplate_dataflow.resources import total
from drawplate_target_z7020.xc7 import XC7

BITS = {"cnv": 1, "resnet56": 1}
"""Of weights and activations where they are not 3."""
NETWORKS: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "mlp": ("mlp", {"hidden": (256, 256, 256)}, "fashion-mnist"),
    "cnv": ("cnv", {}, "cifar10"),
    "resnet8": ("resnet8", {}, "cifar10"),
    "dscnn": ("dscnn", {}, "cifar10"),
    "resnet20": ("resnet20", {}, "cifar10"),
    "resnet56": ("resnet56", {}, "cifar10"),
    "mobilenetv1": ("mobilenetv1", {}, "cifar10"),
}
TARGETS = (65_536, 16_384, 9_216, 4_096, 1_024, 512, 256, 128, 98)


def start(runner: Runner, name: str) -> Artifact:
    """Return an untrained network."""
    zoo, arguments, data = NETWORKS[name]
    shape = (1, 28, 28) if data == "fashion-mnist" else (3, 32, 32)
    return runner.session.store.put_model(build_model(zoo, arguments, shape=shape, classes=10, seed=0), Form.FLOAT, ())


def previewed(runner: Runner, name: str, bits: int) -> Iterator[tuple[str, Artifact | None, float, tuple[str, ...]]]:
    """Yield step, model, processor seconds and notes of quantize, lower and fold, as a plan has them."""
    model: Artifact | None = start(runner, name)
    for step in ("quantize", "lower", "fold"):
        options = {"weight_bits": bits, "act_bits": bits, "input_bits": 8} if step == "quantize" else {}
        begun = time.process_time()
        assert model is not None
        found = runner.preview(Request(step=step, subject=model, options=options))
        assert found is not None
        model = found.model
        yield step, model, time.process_time() - begun, found.notes


def with_runner(name: str) -> Runner:
    return make_runner(Path(tempfile.mkdtemp()), data={"name": NETWORKS[name][2], "limit": 2000})


def seconds(names: list[str]) -> None:
    """Print processor seconds by step, and what is proven."""
    print("| network | quantize, s | lower, s | fold, s | fold says |\n|---|---|---|---|---|")
    for name in names:
        runner, taken, said = with_runner(name), [], ""
        try:
            for _step, _model, spent, notes in previewed(runner, name, BITS.get(name, 3)):
                taken.append(f"{spent:.1f}")
                said = "; ".join(notes[:2])
        except DrawplateError as error:
            said = error.message.splitlines()[0]
        finally:
            runner.close()
        print(f"| {name} | {' | '.join(taken + ['-'] * (3 - len(taken)))} | {said} |", flush=True)


def set_folding(runner: Runner, model: Artifact, network: Network, cycles: int) -> dict[str, LayerFolding] | None:
    """Ask FINN+ for its folding; None where it sends whole windows at once, which is not built here."""
    target = Path(tempfile.mkdtemp()) / "folded.onnx"
    answer = runner.tool("finn").call("set_folding", model=str(model.path), target=str(target), target_cycles=cycles)
    if any(found.get("parallel_window") for found in answer.values()):
        return None
    return {layer.name: layer.folding_of(answer.get(layer.name, {})) for layer in network.layers}


def against_set_folding(names: list[str]) -> None:
    """Print SetFolding's cycles beside those of `fold` with SetFolding's resources."""
    print("| network | target | its cycles | LUT | RAMB18 | `fold`: cycles | LUT | RAMB18 | |")
    print("|---|---|---|---|---|---|---|---|---|")
    prices = CostModel(XC7)
    for name in names:
        runner = with_runner(name)
        model = [found for _, found, _, _ in previewed(runner, name, BITS.get(name, 3))][1]
        assert model is not None
        network = read(model.proto())
        problem = Problem(network, prices, multipliers=XC7_MULTIPLIERS)
        for target in TARGETS:
            folded = set_folding(runner, model, network, target)
            if folded is None:
                print(f"| {name} | {target:,} | sends whole windows at once, which is not built here |", flush=True)
                continue
            built = network.folded(folded)
            estimates = estimate_layers(built, prices) | estimate_forks(built, prices)
            budget, theirs = (
                total(found.resources for found in estimates.values()),
                max(found.cycles for found in estimates.values()),
            )
            plan = Search(problem, Goal(budget=budget.scaled(1 + 1e-6)), Clock(60)).fastest()
            assert plan is not None, "SetFolding's own folding fits its own budget"
            mine = plan.resources
            print(
                f"| {name} | {target:,} | {theirs:,} | {budget.lut:,.0f} | {budget.ram:,.0f} | {plan.cycles:,} | "
                f"{mine.lut:,.0f} | {mine.ram:,.0f} | {theirs / plan.cycles:.2f} |",
                flush=True,
            )
        runner.close()


XC7_MULTIPLIERS = 220


def port() -> None:
    """Print the fastest foldings under ceilings of 0.66 and 0.85 by bits."""
    print("| | ceiling | `fold` says |\n|---|---|---|")
    for bits in (1, 2, 3):
        runner = with_runner("mlp")
        model = [found for _, found, _, _ in previewed(runner, "mlp", bits)][1]
        assert model is not None
        for ceiling in (0.66, 0.85):
            found = runner.preview(Request(step="fold", subject=model, options={"ceiling": ceiling}))
            assert found is not None
            print(f"| W{bits}A{bits} | {ceiling:.0%} | {'; '.join(found.notes[:3])} |", flush=True)
        runner.close()


def main() -> None:
    what, *names = sys.argv[1:] or ["seconds"]
    chosen = names or list(NETWORKS)
    {"seconds": seconds, "setfolding": against_set_folding, "port": lambda _: port()}[what](chosen)


if __name__ == "__main__":
    main()
