# SPDX-License-Identifier: Apache-2.0
"""Checking a flow as a whole, before any work is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import define, field, frozen

from drawplate.artifact import Artifact, Form
from drawplate.card import Card, Preview, Verb
from drawplate.errors import DrawplateError, FlowError
from drawplate.flow.chain import chain_to
from drawplate.flow.chosen import with_chosen
from drawplate.flow.files import with_files
from drawplate.flow.follow import with_followed
from drawplate.flow.model import Flow, StepSpec
from drawplate.flow.models import Given, make_model, read_file
from drawplate.flow.trained import as_if_trained
from drawplate.job import Request
from drawplate.options import as_table
from drawplate.runner import Runner
from drawplate.runner.options import chosen_verbs, read_step_options


@frozen(kw_only=True)
class PlannedStep:
    """What a step will do."""

    spec: StepSpec
    verbs: tuple[Verb, ...]
    takes: Form
    gives: Form
    options: Mapping[str, Any]
    """Every option of its verbs with the value it will have."""
    notes: tuple[str, ...]


@frozen(kw_only=True)
class Plan:
    """A flow that can be run."""

    flow: Flow
    run_id: str
    models: Mapping[str, Artifact]
    """The models that it starts from, and teachers read from files (keyed ``file:...``)."""
    steps: tuple[PlannedStep, ...]
    changes: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """What was changed at the door, by model; only of those that were changed."""
    data: tuple[str, ...] = ()
    """What the data are, and what has to be said of them."""


@frozen
class _Known:
    """What is known of a result before it is there."""

    form: Form
    model: Artifact | None
    """The graph, with untrained weights; None where it cannot be known yet."""
    trained: bool = False
    """Whether it has been trained by then: its weights stand for any that training may give."""


def make_plan(flow: Flow, runner: Runner) -> Plan:
    """Check steps, options, forms, data and what steps say of the model.  Takes seconds.

    Raises:
        DrawplateError: the first thing that is wrong, and where.
    """
    for step in flow.steps:  # the cheapest checks first: names and options of all steps
        _read_step(flow, step, runner)
    flow = with_followed(with_files(flow, runner.plugins), runner.plugins.card)
    return _Planner(flow, runner).plan()


def _read_step(flow: Flow, step: StepSpec, runner: Runner) -> tuple[Card, dict[Verb, Any]]:
    where = flow.place(step)
    try:
        card = runner.plugins.card(step.use)
    except DrawplateError as error:
        raise error.at(where) from error
    verbs = chosen_verbs(card, step.only, where)
    if step.teachers and Verb.TRAIN not in verbs and not card.passes_teachers:
        raise FlowError("has teachers, but this step does not train", where=where)
    options = read_step_options(card, verbs, step.options, where)
    needing = step.use if card.needs_teachers and Verb.TRAIN in verbs else _needs_teachers(step, card, options, runner)
    if needing and not step.teachers:
        raise FlowError(
            "has no teachers" if needing == step.use else f"has no teachers, which {needing} needs",
            where=where,
            allowed='names of models and earlier steps, or "file:PATH"',
            hint='name them: teachers = ["teacher"]',
        )
    return card, options


def _needs_teachers(step: StepSpec, card: Card, options: Mapping[Verb, Any], runner: Runner) -> str | None:
    """Return the first step that this one runs and that cannot do without teachers."""
    asked = card.passes_teachers and Verb.COMPRESS in options
    names = runner.plugins.ask(step.use, card.runs, options[Verb.COMPRESS]) if asked else ()
    known = {entry.name for entry in runner.plugins.entries}
    return next((name for name in names if name in known and runner.plugins.card(name).needs_teachers), None)


@define
class _Planner:
    flow: Flow
    runner: Runner
    known: dict[str, _Known] = field(factory=dict)
    chooses: dict[str, Mapping[str, Any] | None] = field(factory=dict)
    """Options that searches will choose, with values that stand in; None where it is not known yet."""
    models: dict[str, Artifact] = field(factory=dict)
    changes: dict[str, tuple[str, ...]] = field(factory=dict)

    def plan(self) -> Plan:
        for name, ref in self.flow.models.items():
            self._take(name, make_model(self.flow, ref, self.runner))
            self.known[name] = _Known(self.models[name].form, self.models[name])
        steps, before = [], "model"
        for step in self.flow.steps:
            steps.append(self._step(step, self.known[step.on or before]))
            before = step.name
        return Plan(
            flow=self.flow,
            run_id=self.flow.run_id(self.runner.session.device),
            models=self.models,
            steps=tuple(steps),
            changes=self.changes,
            data=self._data(),
        )

    def _data(self) -> tuple[str, ...]:
        if self.flow.data is None:
            return ()
        from drawplate.data import describe

        return describe(self.runner.dataset())

    def _take(self, name: str, given: Given) -> None:
        self.models[name] = given.artifact
        if given.changes:
            self.changes[name] = given.changes

    def _step(self, spec: StepSpec, subject: _Known) -> PlannedStep:
        step, notes = self._standing_in(spec)
        card, options = _read_step(self.flow, step, self.runner)
        where = self.flow.place(step)
        if subject.form not in card.accepts:
            raise FlowError(
                f"takes a {' or '.join(sorted(card.accepts))} model, but gets a {subject.form} one",
                where=where,
                hint=self._who_makes(subject.form, card),
            )
        teachers = tuple(self._teacher(name, where) for name in step.teachers)
        preview = self._preview(step, subject, teachers, where)
        given = self._given(card, tuple(options), subject, preview)
        self.known[step.name] = given
        if subject.model is None:
            self.chooses[step.name] = None
        elif preview:
            self.chooses[step.name] = preview.chooses
        table: dict[str, Any] = {}
        for read in options.values():
            table |= as_table(read)
        return PlannedStep(
            spec=spec,
            verbs=tuple(options),
            takes=subject.form,
            gives=given.form,
            options=table,
            notes=(*notes, *(preview.notes if preview else ())),
        )

    def _standing_in(self, step: StepSpec) -> tuple[StepSpec, tuple[str, ...]]:
        """Take what a search starts from for what it will choose, and say so."""
        chosen = self.chooses.get(step.options_from, {}) if step.options_from else None
        if chosen is None:
            return step, ()
        values = ", ".join(f"{name} = {value}" for name, value in chosen.items())
        note = f"{step.options_from} has yet to choose; shown with what it starts from: {values}"
        return attrs.evolve(step, options=with_chosen(step, chosen, self.flow.place(step))), (note,)

    def _who_makes(self, form: Form, card: Card) -> str:
        """Say what to do about a step that gets a model it does not take."""
        fitting = [name for name, known in self.known.items() if known.form in card.accepts]
        way = chain_to(form, card.accepts, self.runner.plugins.steps())
        if fitting:
            names = list(self.known)
            behind = names[names.index(fitting[-1]) + 1]  # the next one made another form of it
            return f'put it before {behind}, or say on = "{fitting[-1]}": it takes that'
        if way:
            return f"put {', then '.join(way)} before it"
        return "leave this step out, or start from such a model"

    def _teacher(self, name: str, where: str) -> Artifact | None:
        if not name.startswith("file:"):
            return self.known[name].model
        if name not in self.models:
            dataset = self.runner.dataset() if self.flow.data is not None else None
            path = self.flow.path.parent / name.removeprefix("file:")
            self._take(name, read_file(path, dataset, self.runner, f"{where}, teacher"))
        return self.models[name]

    def _preview(
        self, step: StepSpec, subject: _Known, teachers: tuple[Artifact | None, ...], where: str
    ) -> Preview | None:
        if subject.model is None:
            return Preview(notes=("its model is not known yet; it is checked when the steps before it have run",))
        request = Request(
            step=step.use,
            subject=subject.model,
            teachers=tuple(teacher for teacher in teachers if teacher is not None),
            options=step.options,
            verbs=chosen_verbs(self.runner.plugins.card(step.use), step.only, where),
            seed=self.flow.seed,
        )
        try:
            return self.runner.preview(request)
        except DrawplateError as error:
            raise error.at(f"{where}, with numbers that training may give" if subject.trained else where) from error

    def _given(self, card: Card, verbs: tuple[Verb, ...], subject: _Known, preview: Preview | None) -> _Known:
        if Verb.COMPRESS in verbs:
            model = preview.model if preview else None
            form = model.form if model and card.open_form else card.returned_form(subject.form)
            return _Known(form, model, subject.trained)
        if Verb.TRAIN in verbs:
            model = (preview and preview.model) or subject.model
            return _Known(card.returned_form(subject.form), self._trained(model), trained=True)
        return subject

    def _trained(self, model: Artifact | None) -> Artifact | None:
        """Return a model as training may leave it."""
        if model is None:
            return None
        return self.runner.session.store.put_model(as_if_trained(model.proto()), model.form, (model.digest,))
