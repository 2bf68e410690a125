# SPDX-License-Identifier: Apache-2.0
"""What becomes of damage: mutated flows, models and stores, kills and Ctrl-C.  Prints and records counts.

``python benchmarks/attack.py [flows|models|stores|'killed runs'|... ] [--count N] [--seed N]``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "tests")]

import _table  # noqa: E402
from attacks import COUNTS, interrupts, kills, mutants  # noqa: E402

ATTACKS = {
    "flows": mutants.flows,
    "models": mutants.models,
    "stores": mutants.stores,
    "killed runs": kills.runs,
    "killed sweeps": kills.sweeps,
    "killed searches": kills.candidates,
    "killed tools": kills.tools,
    "interrupts": interrupts.interrupts,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attacks", nargs="*", choices=[[], *ATTACKS], default=[])
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for name in asked.attacks or ATTACKS:
        tally = ATTACKS[name](asked.count or COUNTS[name], asked.seed)
        row = {"attack": name, "seed": asked.seed, **tally.row()}
        print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        _table.record("attack.csv", ["attack", "seed"], row)


if __name__ == "__main__":
    main()
