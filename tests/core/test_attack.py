# SPDX-License-Identifier: Apache-2.0
"""What becomes of damage, counted: a few of each here, all of them in ``benchmarks/attack.py``."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from attacks import COUNTS, interrupts, kills, mutants


def check(tally):
    assert tally.tried
    assert (tally.losses, tally.orphans, tally.tracebacks, tally.hangs) == (0, 0, 0, 0)
    return tally


def test_damaged_stores_give_the_same_results_again():
    assert check(mutants.stores(8, seed=1)).fine == 8


def test_damaged_models_are_refused_or_planned():
    assert check(mutants.models(20, seed=1)).refused > 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (mutants.flows, "flows"),
        (mutants.models, "models"),
        (mutants.stores, "stores"),
        (kills.runs, "killed runs"),
        (kills.sweeps, "killed sweeps"),
        (kills.candidates, "killed searches"),
        (kills.tools, "killed tools"),
        (interrupts.interrupts, "interrupts"),
    ],
)
def test_all_of_them(attack, name):
    check(attack(COUNTS[name], seed=2))
