# SPDX-License-Identifier: Apache-2.0
"""Options that follow a later step: what a design is folded for is said once, where it is built.

A step's options with ``follows`` take over what the step says that the model goes on to: the first later one that knows
the first of them.  A value of its own has to be the same.  The steps' tables in lists within options (the candidates of
a search) follow one another in the same way, and the last of them the steps behind the search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from drawplate.card import Card
from drawplate.errors import DrawplateError, FlowError
from drawplate.flow.model import Flow, StepSpec
from drawplate.options import info_of, option_fields

Cards = Callable[[str], Card]
Table = Mapping[str, Any]
"""A step: ``use`` and its options."""
OWN_NAME = "use"
_NOT = object()


def with_followed(flow: Flow, cards: Cards) -> Flow:
    """Return the flow with every option that follows a later step in its place.

    Raises:
        FlowError: when an option says something else than the step that it follows; says where both stand.
    """
    steps = list(flow.steps)
    for at in reversed(range(len(steps))):
        step = steps[at]
        behind = [(later.label, {**later.options, OWN_NAME: later.use}) for later in _behind(steps, at)]
        table = _filled({**step.options, OWN_NAME: step.use}, behind, cards, flow.place(step))
        steps[at] = attrs.evolve(step, options={key: value for key, value in table.items() if key != OWN_NAME})
    return attrs.evolve(flow, steps=tuple(steps))


def _behind(steps: Sequence[StepSpec], at: int) -> list[StepSpec]:
    """Return the later steps that a step's model goes through."""
    reached, found = {steps[at].name}, []
    for before, step in zip(steps[at:], steps[at + 1 :], strict=False):
        if (step.on or before.name) in reached:
            reached.add(step.name)
            found.append(step)
    return found


def _filled(table: Table, behind: Sequence[tuple[str, Table]], cards: Cards, where: str) -> dict[str, Any]:
    filled = followed(table, behind, cards, where)
    for key, value in filled.items():
        if isinstance(value, list | tuple) and any(map(_is_step, value)):
            filled[key] = chained(value, behind, cards, f"{where}, key {key!r}")
    return filled


def chained(tables: Sequence[Any], behind: Sequence[tuple[str, Table]], cards: Cards, where: str) -> list[Any]:
    """Return steps that follow one another, each with what it follows in its place.

    Args:
        tables: of the steps; what is no step stays.
        behind: the steps behind all of them, with what messages call them.
        cards: finds a step's card.
        where: of the list, for messages.
    """
    later, found = list(behind), []
    for number in reversed(range(len(tables))):
        table = tables[number]
        if _is_step(table):
            table = followed(table, later, cards, f"{where}, step {number + 1} ({table[OWN_NAME]})")
            later.insert(0, (f"step {number + 1} ({table[OWN_NAME]}) there", table))
        found.append(table)
    return found[::-1]


def _is_step(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get(OWN_NAME), str)


def followed(table: Table, behind: Sequence[tuple[str, Table]], cards: Cards, where: str) -> dict[str, Any]:
    """Return one step's table with the options that follow a later step.

    Raises:
        FlowError: when an option says something else than the step that it follows.
    """
    following = _following(table[OWN_NAME], cards)
    found = dict(table)
    for label, later in behind if following else ():
        offered = _said(later, cards)
        if next(iter(following.values())) not in offered:
            continue
        for name, other in following.items():
            value = offered.get(other)
            if value is None:
                continue
            if found.get(name, value) != value:
                raise FlowError(
                    f"is {found[name]!r}, but {label} has {'' if other == OWN_NAME else f'{other} = '}{value!r}",
                    where=f"{where}, option {name!r}",
                    hint=f"say it once, in {label}: this step follows",
                )
            found[name] = value
        break
    return found


def refollowed(before: Sequence[Table], after: Sequence[Table], cards: Cards) -> list[dict[str, Any]]:
    """Return steps some options of which were changed: what followed a later step's option follows it still.

    Args:
        before: the steps, one behind the other.
        after: the same steps, changed.
        cards: finds a step's card.
    """
    found: list[dict[str, Any]] = []
    for number in reversed(range(len(after))):
        use, table = after[number][OWN_NAME], dict(after[number])
        old = followed({OWN_NAME: use}, [("", later) for later in before[number + 1 :]], cards, use)
        table = {key: value for key, value in table.items() if key == OWN_NAME or old.get(key, _NOT) != value}
        behind = [(f"the step {later[OWN_NAME]}", later) for later in found]
        found.insert(0, followed(table, behind, cards, f"step {use}"))
    return found


def _following(use: str, cards: Cards) -> dict[str, str]:
    """Return the options of a step that follow a later one, in the order of their declaration, and what they follow."""
    return {
        name: info_of(attribute).follows
        for name, attribute in _fields(use, cards).items()
        if info_of(attribute).follows
    }


def _said(table: Table, cards: Cards) -> dict[str, Any]:
    """Return what a step's options are, defaults included."""
    defaults = {
        name: attribute.default
        for name, attribute in _fields(table[OWN_NAME], cards).items()
        if not isinstance(attribute.default, attrs.Factory) and attribute.default is not attrs.NOTHING  # type: ignore[arg-type]
    }
    return defaults | dict(table)


def _fields(use: str, cards: Cards) -> dict[str, Any]:
    """Return the options of a step; none of a step that cannot be had: the plan says so, and where."""
    try:
        card = cards(use)
    except DrawplateError:
        return {}
    found: dict[str, Any] = {}
    for options in card.options.values():
        found = option_fields(options) | found
    return found
