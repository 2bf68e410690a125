# SPDX-License-Identifier: Apache-2.0
"""Networks as a hypothesis strategy, and hypothesis' shrinking for what a seed found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes
from hypothesis.errors import NoSuchExample

from differential.dice import Seeded, Source
from differential.draw import draw
from differential.spec import Network


@frozen
class Drawn:
    """Choices by hypothesis: every one is one of its integers."""

    take: Callable[[Any], int]

    def integer(self, low: int, high: int) -> int:
        return self.take(st.integers(low, high))


@st.composite
def networks(take: Any, drawing: Callable[[Source], Network] = draw) -> Network:
    """Any network that can be drawn."""
    return drawing(Drawn(take))


@define
class Recorded:
    """Choices by a seed, written down as hypothesis' own would be."""

    seeded: Seeded
    choices: list[int] = field(factory=list)

    def integer(self, low: int, high: int) -> int:
        self.choices.append(self.seeded.integer(low, high))
        return self.choices[-1]


def shrunk(
    seed: int, fails: Callable[[Network], bool], tries: int = 400, drawing: Callable[[Source], Network] = draw
) -> Network:
    """Return a small network that fails as that of a seed does.

    Args:
        seed: of the network that was drawn.
        fails: whether a network fails in the same way.
        tries: how many networks may be judged.
        drawing: how networks are drawn.
    """
    recorded = Recorded(Seeded(seed))
    first = drawing(recorded)
    # What lies under the plain key counts as shrunk already.
    kept = InMemoryExampleDatabase()
    kept.save(b"found.secondary", choices_to_bytes(recorded.choices))
    left = [tries]
    best = [first]

    def holds(network: Network) -> bool:
        if left[0] <= 0:
            return network == best[0]
        left[0] -= 1
        failed = fails(network)
        if failed:
            best[0] = network
        return failed

    with_database = settings(
        database=kept,
        phases=[Phase.reuse, Phase.shrink],
        max_examples=10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        find(networks(drawing), holds, settings=with_database, database_key=b"found")
    except NoSuchExample:
        return first
    return best[0]
