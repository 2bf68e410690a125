# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that a candidate goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from drawplate import DrawplateError, FlowError, Job, Verb
from drawplate.card import Card
from drawplate.errors import nearest
from drawplate.flow.follow import refollowed
from drawplate.runner.options import chosen_verbs, read_step_options

KEYS = ("use", "name", "only")


@frozen(kw_only=True)
class SubStep:
    """One ``[[step.candidate]]``."""

    number: int
    use: str
    name: str
    verbs: tuple[Verb, ...]
    options: Mapping[str, Any]
    needs_teachers: bool
    epochs: int | None = None
    """How long it trains; None where it has no such option."""

    @property
    def label(self) -> str:
        """As messages name it."""
        return f"candidate step {self.number} ({self.name})"

    @property
    def measures(self) -> bool:
        """Whether it gives metrics."""
        return Verb.MEASURE in self.verbs

    @property
    def trains(self) -> bool:
        """Whether it changes weights."""
        return Verb.TRAIN in self.verbs


def read_substeps(tables: Sequence[Mapping[str, Any]], job: Job) -> tuple[SubStep, ...]:
    """Read and check the steps of a candidate.

    Raises:
        DrawplateError: for an unknown step, option, key or value; says where.
    """
    steps: list[SubStep] = []
    for number, table in enumerate(tables, start=1):
        step = _read(number, table, job)
        if step.name in {other.name for other in steps}:
            raise FlowError(f"the name {step.name!r} is taken", where=step.label, hint="set another one with 'name'")
        steps.append(step)
    return tuple(steps)


def _read(number: int, table: Mapping[str, Any], job: Job) -> SubStep:
    where = f"candidate step {number}"
    for key, kind in (("use", str), ("name", str), ("only", list | tuple)):
        if key in table and not isinstance(table[key], kind):
            raise FlowError(f"is {table[key]!r}", where=f"{where}, key {key!r}")
    if "use" not in table:
        raise FlowError("has no 'use'", where=where, hint="drawplate plugins lists the steps")
    use, name = table["use"], table.get("name", table["use"])
    try:
        card = job.card(use)
    except DrawplateError as error:
        raise error.at(where) from error
    step = SubStep(
        number=number,
        use=use,
        name=name,
        verbs=chosen_verbs(card, table.get("only", ()), f"{where} ({name})"),
        options={key: value for key, value in table.items() if key not in KEYS},
        needs_teachers=card.needs_teachers,
    )
    trained = check_options(step, card).get(Verb.TRAIN)
    epochs = getattr(trained, "epochs", None)
    return attrs.evolve(step, epochs=epochs if isinstance(epochs, int) else None)


def check_options(step: SubStep, card: Card) -> dict[Verb, Any]:
    """Read a step's options.

    Raises:
        FlowError: for an unknown option or a wrong value.
    """
    return read_step_options(card, step.verbs, step.options, step.label)


def find_step(steps: Sequence[SubStep], name: str, where: str) -> SubStep:
    """Return the step of a name, or the only one that uses it.

    Raises:
        FlowError: when there is none.
    """
    named = [step for step in steps if step.name == name] or [step for step in steps if step.use == name]
    if len(named) != 1:
        allowed = [step.name for step in steps]
        raise FlowError(
            f"a candidate has no step {name!r}", where=where, allowed=allowed or "none", meant=nearest(name, allowed)
        )
    return named[0]


def with_options(
    steps: Sequence[SubStep], changes: Mapping[str, Mapping[str, Any]], cards: Callable[[str], Card]
) -> tuple[SubStep, ...]:
    """Return the steps with some options replaced, by name of the step or of what it uses.

    Options that follow a later step's follow what it has now.
    """
    changed = {step.name: step for step in steps}
    for name, options in changes.items():
        step = find_step(steps, name, "search space")
        merged = {**changed[step.name].options, **options}
        changed[step.name] = attrs.evolve(changed[step.name], options=merged, epochs=merged.get("epochs", step.epochs))
    before, after = ([{**step.options, "use": step.use} for step in some] for some in (steps, changed.values()))
    tables = refollowed(before, after, cards)
    return tuple(
        attrs.evolve(step, options={key: value for key, value in table.items() if key != "use"})
        for step, table in zip(changed.values(), tables, strict=True)
    )


def used_steps(tables: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what the tables use, unread: for the card."""
    return tuple(str(table["use"]) for table in tables if "use" in table)
