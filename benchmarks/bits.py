# SPDX-License-Identifier: Apache-2.0
"""Is there a precision per layer that beats all 64 uniform ones on a Z7020, in error and LUTs?

    DRAWPLATE_DATA=... python benchmarks/bits.py [STORE]    # some 25 minutes of one core; goes on after a kill
    python benchmarks/bits.py compare                       # of the committed table, at once

The perceptron 784-256-256-256-10 on 10,000 images of Fashion-MNIST.  All start from one trained FLOAT model and get the
same training behind ``quantize``, and the folding of the paper's middle point: 1,024 cycles, 97,656 frames per second.
LUTs are those of the cost model.  ``evolve`` looks at 5,000 validation images and one seed.  Then the members of its
front, one point by hand and the 64 uniform configurations are trained with three other seeds, and their errors on the
10,000 test images compared, which no choice has seen.  One row per configuration in ``results/bits.csv``.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from _table import read, record
from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.card import Verb
from drawplate.errors import DrawplateError
from drawplate.job import Request
from drawplate.plugins import contributions
from drawplate.runner import Runner
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model

DATA = {"name": "fashion-mnist", "limit": 10_000, "val": 5_000}
FLOAT_FIT = {"epochs": 10, "batch": 200, "lr": 3e-3}
FIT = {"epochs": 3, "batch": 200, "lr": 3e-3}
QUANTIZE = {"input_bits": 8}
FOLDING = {
    "MVAU_0": {"pe": 4, "simd": 49},
    "MVAU_1": {"pe": 8, "simd": 8},
    "MVAU_2": {"pe": 8, "simd": 8},
    "MVAU_3": {"pe": 1, "simd": 4},
}
BEHIND: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("lower", {"check_images": 20}),
    ("fold", {"layers": FOLDING}),
    ("z7020", {}),
)
SEARCH = {"population": 14, "generations": 4, "result": "fit"}
GENE = {"lo": 1, "hi": 4}
BITS = range(1, 9)
BY_HAND = {"fc1.w": 1, "fc2.w": 1, "fc3.w": 2, "head.w": 1, "fc1.act.a": 1, "fc2.act.a": 1, "fc3.act.a": 1}
"""W1A1 with one bit more, which takes fewer LUTs: sums of three-valued weights are narrower."""
SEEDS = (11, 12, 13)
TABLE = "bits.csv"


def trained_float(runner: Runner) -> Artifact:
    """Train the model that all start from."""
    proto = build_model("mlp", {"hidden": [256, 256, 256]}, shape=(1, 28, 28), classes=10, seed=0)
    model = runner.session.store.put_model(proto)
    return runner.run(Request(step="fit", subject=model, options=FLOAT_FIT)).artifact


def quantized(runner: Runner, model: Artifact, options: Mapping[str, Any], seed: int) -> Artifact:
    """Quantize and train."""
    rounded = runner.run(Request(step="quantize", subject=model, options={**QUANTIZE, **options}, seed=seed)).artifact
    return runner.run(Request(step="fit", subject=rounded, options=FIT, seed=seed)).artifact


def measure(runner: Runner, model: Artifact, name: str, kind: str, options: Mapping[str, Any]) -> None:
    """Train with every seed, and put errors and resources into the table."""
    errors = []
    for seed in SEEDS:
        made = quantized(runner, model, options, seed)
        found = runner.run(Request(step="ort", subject=made, options={"runs": 10}, verbs=(Verb.MEASURE,)))
        errors.append(round(found.metric("error"), 2))
    taken: dict[str, float] = {}
    try:
        made = quantized(runner, model, options, SEEDS[0])
        for step, settings in BEHIND:
            verbs = (Verb.MEASURE,) if step == "z7020" else ()
            outcome = runner.run(Request(step=step, subject=made, options=settings, verbs=verbs))
            made = outcome.artifact
        taken = {key: outcome.metric(key) for key in ("lut", "ff", "bram18", "fps")}
    except DrawplateError as error:
        print(f"{name}: {error}")
    row = {key: round(taken[key]) if key in taken else "" for key in ("lut", "ff", "bram18", "fps")}
    mean = round(statistics.mean(errors), 2)
    record(
        TABLE,
        ("kind", "bits"),
        {"kind": kind, "bits": name, "error": mean, **row, "errors": " ".join(map(str, errors))},
    )
    print(f"{kind} {name}: {mean} %, {row}", flush=True)


def mixed(runner: Runner, model: Artifact, genome: Mapping[str, Any], kind: str) -> None:
    """Measure one precision per layer."""
    layers: dict[str, dict[str, int]] = {}
    for gene, bits in genome.items():
        layer, _, suffix = gene.rpartition(".")
        layers.setdefault(layer, {})["weight_bits" if suffix == "w" else "act_bits"] = bits
    measure(runner, model, " ".join(f"{gene}{bits}" for gene, bits in genome.items()), kind, {"layers": layers})


def searched(runner: Runner, model: Artifact) -> list[Mapping[str, Any]]:
    """Search for error and LUTs; return the genomes of the front."""
    space = contributions("search_spaces")["bits"].open(model, make_job(runner.session.store.root, runner=runner))
    steps = [{"use": "quantize", **QUANTIZE}, {"use": "fit", **FIT}, *({"use": step, **more} for step, more in BEHIND)]
    steps[-1]["only"] = ["measure"]
    options = {
        **SEARCH,
        "space": "bits",
        "candidate": steps,
        "genes": dict.fromkeys(space.genes, GENE),
        "objectives": {"error": "min", "z7020.lut": "min"},
    }
    outcome = runner.run(Request(step="evolve", subject=model, options=options))
    for row in outcome.tables["generations"]:
        print(dict(row), flush=True)
    return [member.genome for member in outcome.front]


def run(root: Path) -> None:
    """Search, then measure the front and the grid alike."""
    runner = make_runner(root, data=DATA)
    model = trained_float(runner)
    for genome in searched(runner, model):
        mixed(runner, model, genome, "mixed")
    mixed(runner, model, BY_HAND, "by hand")
    for weights in BITS:
        for acts in BITS:
            measure(runner, model, f"W{weights}A{acts}", "uniform", {"weight_bits": weights, "act_bits": acts})


@frozen
class Point:
    """A configuration, with the errors of its seeds in percent."""

    name: str
    lut: float
    errors: tuple[float, ...]

    @property
    def error(self) -> float:
        """Mean over the seeds."""
        return statistics.mean(self.errors)

    def dominates(self, other: Point) -> bool:
        """Whether it is no worse in both, and better in one."""
        mine, its = (self.lut, self.error), (other.lut, other.error)
        return mine != its and all(a <= b for a, b in zip(mine, its, strict=True))

    def margin(self, other: Point) -> float:
        """By how many standard errors its error is lower than another's (Welch)."""
        spread = sum(statistics.variance(one.errors) / len(one.errors) for one in (self, other)) ** 0.5
        return (other.error - self.error) / spread if spread else 0.0


def points(kind: str) -> list[Point]:
    """Read the table; a configuration that no hardware can be made of is left out."""
    rows = [row for row in read(TABLE) if row["kind"] == kind and row["lut"]]
    return [Point(row["bits"], float(row["lut"]), tuple(map(float, row["errors"].split()))) for row in rows]


def front(of: Sequence[Point]) -> list[Point]:
    """Return what nothing dominates."""
    return sorted((one for one in of if not any(other.dominates(one) for other in of)), key=lambda one: one.lut)


def compare() -> None:
    """Say which uniform configurations are dominated by mixed ones, and by how many standard errors."""
    mixed, uniform = [*points("mixed"), *points("by hand")], points("uniform")
    print(f"{len(uniform)} uniform configurations, {len(mixed)} mixed ones")
    beaten = [one for one in uniform if any(other.dominates(one) for other in mixed)]
    print(f"dominated by some mixed one: {len(beaten)} of {len(uniform)}")
    print("not dominated:", ", ".join(one.name for one in uniform if one not in beaten) or "none")
    for one in front(uniform):
        better = [other for other in mixed if other.dominates(one)]
        best = max(better, key=lambda other: other.margin(one), default=None)
        said = f"{best.error:.2f} %, {best.lut:,.0f} LUT, {best.margin(one):.1f} s.e.: {best.name}" if best else "none"
        print(f"{one.name}: {one.error:.2f} %, {one.lut:,.0f} LUT; {said}")
    for other in front(mixed):
        print(
            f"{other.name}: {other.error:.2f} %, {other.lut:,.0f} LUT; dominates {sum(map(other.dominates, uniform))}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["compare"]:
        compare()
    else:
        run(Path(sys.argv[1] if sys.argv[1:] else ".drawplate-bits"))
        compare()
