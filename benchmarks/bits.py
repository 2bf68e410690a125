# SPDX-License-Identifier: Apache-2.0
"""Is there a precision per layer that beats all 64 uniform ones on a Z7020, in error and LUTs?

    DRAWPLATE_DATA=... python benchmarks/bits.py [STORE]    # some 90 minutes of one core; goes on after a kill
    python benchmarks/bits.py compare                       # of the committed table, at once

The perceptron 784-256-256-256-10 on Fashion-MNIST.  All start from one FLOAT model that was trained on 50,000 images,
and get the same training behind ``quantize``, 5 epochs of 20,000 images, and the folding of the paper's middle point:
1,024 cycles, 97,656 frames per second.  LUTs are those of the cost model.  ``evolve`` begins with some uniform
configurations and looks at 10,000 validation images; its front is found again with two more seeds.  Then the members of
the front and the 64 uniform configurations are trained with three other seeds, and their errors on the 10,000 test
images compared, which no choice has seen.

A configuration that dominates all 64 takes no more LUTs than the cheapest of them.  So all of those that do are listed,
and trained alike: kind "cheapest".  They are found by raising one precision at a time from W1A1, untrained; what such
steps add up to is taken for what they take together, with a margin.  One row per configuration in ``results/bits.csv``.
"""

from __future__ import annotations

import itertools
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
from drawplate.flow.run import run_request
from drawplate.job import Request
from drawplate.outcome import Outcome
from drawplate.plugins import contributions
from drawplate.runner import Runner
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model

DATA = {"name": "fashion-mnist", "val": 10_000}
FLOAT_FIT = {"epochs": 10, "batch": 200, "lr": 3e-3}
FIT = {"images": 20_000, "epochs": 5, "batch": 200, "lr": 3e-3}
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
WEIGHTS = ("fc1.w", "fc2.w", "fc3.w", "head.w")
ACTS = ("fc1.act.a", "fc2.act.a", "fc3.act.a")
SEARCH = {"population": 16, "generations": 8, "schedule": "generations", "repeats": 3, "result": "fit"}
GENES = {gene: {"lo": 1, "hi": 5 if gene in WEIGHTS else 6} for gene in (*WEIGHTS, *ACTS)}
START = ((1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (3, 3), (3, 4), (4, 5))
"""W and A of the uniform configurations that the search begins with, beside its baseline W4A4."""
BITS = range(1, 9)
SEEDS = (11, 12, 13)
MARGIN = 1.01
"""For LUTs of an untrained network against those of a trained one, and for steps that do not just add up."""
TABLE = "bits.csv"
Genome = Mapping[str, int]


def trained_float(runner: Runner) -> Artifact:
    """Train the model that all start from."""
    proto = build_model("mlp", {"hidden": [256, 256, 256]}, shape=(1, 28, 28), classes=10, seed=0)
    model = runner.session.store.put_model(proto)
    return runner.run(Request(step="fit", subject=model, options=FLOAT_FIT)).artifact


def uniform(weights: int, acts: int) -> Genome:
    """Return the genome of a uniform configuration."""
    return dict.fromkeys(WEIGHTS, weights) | dict.fromkeys(ACTS, acts)


def name_of(genome: Genome) -> str:
    """Say W3A3, or every gene."""
    weights, acts = ({genome[gene] for gene in genes} for genes in (WEIGHTS, ACTS))
    if len(weights) == len(acts) == 1:
        return f"W{weights.pop()}A{acts.pop()}"
    return " ".join(f"{gene}{genome[gene]}" for gene in (*WEIGHTS, *ACTS))


@frozen
class Bench:
    """Trains and measures many configurations side by side."""

    runner: Runner
    model: Artifact

    def through(
        self, subjects: Sequence[Outcome | DrawplateError], step: str, options: Mapping[str, Any], seeds: Sequence[int]
    ) -> list[Outcome | DrawplateError]:
        """Carry out one step on every subject that got this far."""
        verbs = (Verb.MEASURE,) if step in ("ort", "z7020") else ()
        asked = {
            place: Request(step=step, subject=before.artifact, options=options, verbs=verbs, seed=seed)
            for place, (before, seed) in enumerate(zip(subjects, seeds, strict=True))
            if isinstance(before, Outcome)
        }
        job = make_job(self.runner.session.store.root, runner=self.runner)
        found = dict(zip(asked, job.map(run_request, list(asked.values())), strict=True))
        return [found.get(place, before) for place, before in enumerate(subjects)]

    def quantized(self, genomes: Sequence[Genome], seeds: Sequence[int]) -> list[Outcome | DrawplateError]:
        """Quantize, with one seed per genome."""
        asked = []
        for genome, seed in zip(genomes, seeds, strict=True):
            layers: dict[str, dict[str, int]] = {}
            for gene, bits in genome.items():
                layer, _, suffix = gene.rpartition(".")
                layers.setdefault(layer, {})["weight_bits" if suffix == "w" else "act_bits"] = bits
            options = {**QUANTIZE, "layers": layers}
            asked.append(Request(step="quantize", subject=self.model, options=options, seed=seed))
        return make_job(self.runner.session.store.root, runner=self.runner).map(run_request, asked)

    def hardware(self, found: Sequence[Outcome | DrawplateError]) -> list[dict[str, float]]:
        """Lower, fold and estimate; empty where that cannot be."""
        for step, options in BEHIND:
            found = self.through(found, step, options, [0] * len(found))
        return [
            {key: one.metric(key) for key in ("lut", "ff", "bram18", "fps")} if isinstance(one, Outcome) else {}
            for one in found
        ]

    def measure(self, genomes: Sequence[Genome], kind: str) -> None:
        """Train all with every seed, and put errors and resources into the table."""
        print(f"{kind}: {len(genomes)} configurations", flush=True)
        every = [genome for genome in genomes for _ in SEEDS]
        seeds = list(SEEDS) * len(genomes)
        trained = self.through(self.quantized(every, seeds), "fit", FIT, seeds)
        measured = self.through(trained, "ort", {"runs": 10}, seeds)
        hardware = self.hardware(trained[:: len(SEEDS)])
        for number, (genome, taken) in enumerate(zip(genomes, hardware, strict=True)):
            ends = measured[number * len(SEEDS) : (number + 1) * len(SEEDS)]
            if lost := [one for one in ends if not isinstance(one, Outcome)]:
                raise lost[0]
            errors = [round(one.metric("error"), 2) for one in ends if isinstance(one, Outcome)]
            row = {key: round(taken[key]) if taken else "" for key in ("lut", "ff", "bram18", "fps")}
            means = {"error": round(statistics.mean(errors), 2), **row, "errors": " ".join(map(str, errors))}
            record(TABLE, ("kind", "bits"), {"kind": kind, "bits": name_of(genome), **means})
            print(f"{kind} {name_of(genome)}: {means}", flush=True)

    def searched(self) -> list[Genome]:
        """Search for error and LUTs; return the genomes of the front."""
        job = make_job(self.runner.session.store.root, runner=self.runner)
        space = contributions("search_spaces")["bits"].open(self.model, job)
        assert set(space.genes) == set(GENES)
        steps = [
            {"use": "quantize", **QUANTIZE},
            {"use": "fit", **FIT},
            *({"use": step, **more} for step, more in BEHIND),
        ]
        steps[-1]["only"] = ["measure"]
        options = {
            **SEARCH,
            "space": "bits",
            "candidate": steps,
            "genes": GENES,
            "start": [{"*.w": weights, "*.a": acts} for weights, acts in START],
            "objectives": {"error": "min", "z7020.lut": "min"},
        }
        outcome = self.runner.run(Request(step="evolve", subject=self.model, options=options))
        for row in outcome.tables["generations"]:
            print(dict(row), flush=True)
        return [member.genome for member in outcome.front]

    def cheapest(self) -> list[Genome]:
        """List all mixed configurations that may take no more LUTs than the cheapest uniform one."""
        base = uniform(1, 1)
        steps = [(gene, bits) for gene in base for bits in range(2, GENES[gene]["hi"] + 1)]
        luts = self._untrained([base, *({**base, gene: bits} for gene, bits in steps)])
        more = {step: lut - luts[0] for step, lut in zip(steps, luts[1:], strict=True)}
        print({f"{gene}{bits}": round(lut) for (gene, bits), lut in more.items()}, flush=True)
        limit = min(one.lut for one in points("uniform")) * MARGIN - luts[0]
        found = []
        for values in itertools.product(*(range(1, GENES[gene]["hi"] + 1) for gene in base)):
            genome = dict(zip(base, values, strict=True))
            if sum(more.get(gene, 0.0) for gene in genome.items()) <= limit and len(name_of(genome)) > len("W1A1"):
                found.append(genome)
        return found

    def _untrained(self, genomes: Sequence[Genome]) -> list[float]:
        return [taken["lut"] for taken in self.hardware(self.quantized(genomes, [0] * len(genomes)))]


def run(root: Path) -> None:
    """Search, then measure the front, the grid and what is as cheap as its cheapest alike."""
    runner = make_runner(root, data=DATA, workers=2)
    bench = Bench(runner, trained_float(runner))
    bench.measure(bench.searched(), "mixed")
    bench.measure([uniform(weights, acts) for weights in BITS for acts in BITS], "uniform")
    bench.measure(bench.cheapest(), "cheapest")


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
    cheapest, uniform = points("cheapest"), points("uniform")
    names = {one.name for one in uniform}  # the front of the search may hold uniform ones too
    mixed = [one for one in (*points("mixed"), *cheapest) if one.name not in names]
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
    least, best = min(uniform, key=lambda one: one.lut), min(uniform, key=lambda one: one.error)
    print(f"to dominate all takes at most {least.lut:,.0f} LUT ({least.name}) and {best.error:.2f} % ({best.name})")
    for one in sorted(cheapest, key=lambda one: one.lut):
        print(f"as cheap, untrained, within the margin: {one.name}: {one.error:.2f} %, {one.lut:,.0f} LUT")


if __name__ == "__main__":
    if sys.argv[1:2] == ["compare"]:
        compare()
    else:
        run(Path(sys.argv[1] if sys.argv[1:] else ".drawplate-bits"))
        compare()
