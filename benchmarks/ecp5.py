# SPDX-License-Identifier: Apache-2.0
"""From float models to bitstreams: what is placed, the clock that is reached, and the time that it takes.

``python benchmarks/ecp5.py [NAME ...]`` runs the flows for ECP5 boards (two on digits, and the W3A3 perceptron on
Fashion-MNIST, of 1,024 cycles per frame and of 256) and writes a row each into ``results/ecp5.csv``: estimated and
placed LUT4, flip-flops and memory blocks, the clock, cycles per frame, seconds of the step.  The last one takes more
than an hour.  ``--epochs N`` trains for less time than the flows say: a clock does not depend on what was learnt.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from _table import record
from attrs import evolve

from drawplate.flow import read_flow
from drawplate.flow.run import run_flow
from drawplate.job import Request
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store

FLOWS = Path(__file__).parents[1] / "flows"
FASTER = "quantize-fold-ecp5-fashion, 256 cycles"
FLOWS_OF: dict[str, tuple[str, dict[str, dict[str, float]]]] = {
    "quantize-fold-ecp5": ("quantize-fold-ecp5", {}),
    "cnn-ecp5": ("cnn-ecp5", {}),
    "quantize-fold-ecp5-fashion": ("quantize-fold-ecp5-fashion", {}),
    FASTER: ("quantize-fold-ecp5-fashion", {"fold": {"target_fps": 390_625}}),
}
"""By name: the flow, and what of it is changed."""
TABLE = "ecp5.csv"
COUNTS = ("lut4", "ff", "dp16kd")


def run(name: str, epochs: int | None, store: Path) -> None:
    """Run a flow and write its row."""
    file, changed = FLOWS_OF[name]
    flow = read_flow(FLOWS / f"{file}.toml")
    given = {"fit": {"epochs": epochs} if epochs else {}} | changed
    steps = tuple(evolve(step, options={**step.options, **given.get(step.use, {})}) for step in flow.steps)
    flow = evolve(flow, steps=steps)
    runner = Runner.of(Session(store=Store(store), data=flow.data))
    done = run_flow(flow, runner).steps
    outcome = done["ecp5"].outcome
    board = outcome.build.plan["board"]
    guess = runner.run(
        Request(step="ecp5", subject=done["fold"].outcome.artifact, verbs=("measure",), options={"board": board})
    )
    runner.close()
    row = {"flow": name, "board": board, "cycles": round(outcome.metric("cycles"))}
    for count in COUNTS:
        row |= {f"{count}_estimated": round(guess.metric(count)), count: round(outcome.metric(count))}
    row |= {"fmax_mhz": round(outcome.metric("fmax_mhz"), 1), "fps": round(outcome.metric("fps"))}
    row |= {"top1": round(outcome.metric("top1"), 1), "seconds": round(outcome.seconds)}
    record(TABLE, ["flow"], row)
    print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def main(arguments: list[str]) -> None:
    epochs = int(arguments[arguments.index("--epochs") + 1]) if "--epochs" in arguments else None
    names = [name for name in arguments if name in FLOWS_OF] or list(FLOWS_OF)
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            run(name, epochs, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
