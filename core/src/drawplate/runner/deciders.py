# SPDX-License-Identifier: Apache-2.0
"""Whose code decides the result of a call: what a result's key has to hold beside inputs and options."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from drawplate.artifact import Artifact
from drawplate.card import Verb
from drawplate.errors import BrokenPlugin
from drawplate.plugins import Plugins
from drawplate.store import Store


@define
class Deciders:
    """Finds the plugins whose code, or whose contributions, a call uses."""

    plugins: Plugins
    store: Store
    _offered: dict[tuple[str, str], frozenset[str] | None] = field(factory=dict)

    def code(self, step: str, verb: Verb, options: Any, models: Sequence[Artifact]) -> dict[str, str]:
        """Return versions, or hashes of sources, of all who decide a result.

        These are the step's own distribution, those of steps that it runs, and those that offer what it consults:
        distillation methods, search spaces, tools by name, and the operators of its models.

        Args:
            step: name of the step.
            verb: what is asked of it.
            options: those of the verb.
            models: the model and the teachers that the call gets.
        """
        card = self.plugins.card(step)
        found = {**self.plugins.identity(step), **self._offering("tools", card.tools)}
        for hook, read in card.consults.items():
            names = read and self.plugins.ask(step, read, options)
            found |= self._offering(hook, _operators(models) if _keeps_graph(hook, verb) else names)
        for name in self.plugins.ask(step, card.runs, options) if verb is Verb.COMPRESS else ():
            found |= self._anything(name)
        return found

    def _anything(self, step: str) -> dict[str, str]:
        """All that a step may use whose options are not known yet."""
        card = self.plugins.card(step)
        found = {**self.plugins.identity(step), **self._offering("tools", card.tools)}
        for hook in card.consults:
            found |= self._offering(hook, None)
        return found

    def _offering(self, hook: str, names: Iterable[str] | None) -> dict[str, str]:
        """Identities of the plugins that offer one of these names for a side hook; None stands for any name."""
        wanted = None if names is None else frozenset(names)
        found: dict[str, str] = {}
        for plugin in self.plugins.contributors(hook) if wanted != frozenset() else ():
            offered = self._names(hook, plugin)
            if wanted is None or offered is None or wanted & offered:
                found |= self.plugins.identity(plugin)
        return found

    def _names(self, hook: str, plugin: str) -> frozenset[str] | None:
        """What a plugin offers, kept in the store: asking may import a framework.  None where it cannot be asked."""
        if (hook, plugin) not in self._offered:
            key = {"hook": hook, "plugin": plugin, "code": self.plugins.identity(plugin)}
            try:
                folder = self.store.derived("offered", key, lambda empty: self._ask(hook, plugin, empty))
            except BrokenPlugin:
                self._offered[hook, plugin] = None
            else:
                self._offered[hook, plugin] = frozenset(json.loads((folder / "names.json").read_text("utf-8")))
        return self._offered[hook, plugin]

    def _ask(self, hook: str, plugin: str, folder: Path) -> None:
        names = sorted(_text(key) for key in self.plugins.offered(plugin, hook))
        (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")


def _keeps_graph(hook: str, verb: Verb) -> bool:
    """Whether the operators that a call uses are those of the models that it gets."""
    return hook == "torch_ops" and verb is not Verb.COMPRESS


def _operators(models: Iterable[Artifact]) -> set[str]:
    return {_text((node.domain, node.op_type)) for model in models for node in model.proto().graph.node}


def _text(key: Any) -> str:
    return key if isinstance(key, str) else ":".join(key)
