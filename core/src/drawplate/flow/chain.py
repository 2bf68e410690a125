# SPDX-License-Identifier: Apache-2.0
"""Which steps lead from one form of model to another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from drawplate.artifact import Form
from drawplate.card import Card


def chain_to(start: Form, wanted: Collection[Form], cards: Mapping[str, Card]) -> tuple[str, ...] | None:
    """Return the fewest steps that make a model of a wanted form; none where it is one, None where nothing leads there.

    Args:
        start: form of the model.
        wanted: forms.
        cards: of the steps there are; only those that say another form than they take count.
    """
    ways: dict[Form, tuple[str, ...]] = {start: ()}
    waiting = [start]
    while waiting:
        form = waiting.pop(0)
        if form in wanted:
            return ways[form]
        for name, card in sorted(cards.items()):
            if form in card.accepts and card.returns not in (None, *ways):
                assert card.returns is not None
                ways[card.returns] = (*ways[form], name)
                waiting.append(card.returns)
    return None
