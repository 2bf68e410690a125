# SPDX-License-Identifier: Apache-2.0
"""Loading plugins one by one, so that a bad one stops only the flows that use it."""

from __future__ import annotations

import importlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from drawplate import hookspecs
from drawplate.card import Card
from drawplate.errors import BrokenPlugin, FlowError, nearest
from drawplate.interrupt import is_from_outside
from drawplate.plugins.discover import Entry, code_identity, installed
from drawplate.plugins.files import file_identity, from_files, import_file
from drawplate.plugins.promised import checked_card
from drawplate.plugins.static import names_in, source_of

Answer = TypeVar("Answer")
_log = logging.getLogger("drawplate.plugins")


class Plugins:
    """All plugins of one session.

    Args:
        files: unpackaged plugins, given with ``--plugin``.
        entries: what to use instead of the installed distributions' entry points, for tests.
    """

    def __init__(self, files: Iterable[Path] = (), entries: Iterable[Entry] | None = None) -> None:
        self.entries: tuple[Entry, ...] = (*(installed() if entries is None else entries), *from_files(files))
        self.broken: dict[str, BrokenPlugin] = {}
        self._cards: dict[str, Card | None] = {}
        self._names: dict[str, frozenset[str] | None] = {}
        self._identities: dict[str, str] = {}
        self._manager = pluggy.PluginManager("drawplate")
        self._manager.add_hookspecs(hookspecs)
        self._mark_duplicates()

    def _mark_duplicates(self) -> None:
        for name, count in Counter(entry.name for entry in self.entries).items():
            if count > 1:
                owners = " and ".join(entry.owner for entry in self.entries if entry.name == name)
                self.broken[name] = BrokenPlugin(
                    f"is offered by {owners}", where=f"step {name!r}", hint="uninstall one of them"
                )

    # loading ------------------------------------------------------------------------------------------------------

    def load(self, name: str) -> None:
        """Import and register one plugin, once.

        Raises:
            BrokenPlugin: when that cannot be done; says why and whose plugin it is.
            FlowError: when there is no plugin of that name.
        """
        if name in self.broken:
            raise self.broken[name]
        if self._manager.has_plugin(name):
            return
        entry = self.entry(name)
        try:
            self._register(entry)
        except BaseException as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            raise self._blamed(name, error) from error

    def _blamed(self, name: str, error: BaseException, what: str = "cannot be loaded") -> BrokenPlugin:
        """Remember that a plugin is broken; it may raise anything, ``SystemExit`` too.

        Raises:
            KeyboardInterrupt: when the error is a request to end, which no plugin made.
        """
        if is_from_outside(error):
            raise error
        entry = self.entry(name)
        cause = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
        self.broken[name] = BrokenPlugin(
            f"{what}: {type(error).__name__}: {cause}",
            where=f"step {name!r} of {entry.owner}",
            hint=f"report it to the plugin's authors{' at ' + entry.url if entry.url else ''}, or uninstall it",
        )
        return self.broken[name]

    def _register(self, entry: Entry) -> None:
        module = import_file(entry.file) if entry.file else importlib.import_module(entry.module)
        self._manager.register(module, name=entry.name)
        self._manager.check_pending()
        card = self._hook("card", entry.name)()
        self._cards[entry.name] = checked_card(card, module) if card is not None else None

    def load_all(self) -> None:
        """Load everything; what is broken is remembered in :attr:`broken`."""
        self._load(entry.name for entry in self.entries)

    def _load(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.broken:
                with suppress(BrokenPlugin):
                    self.load(name)

    def _may_have(self, hook: str) -> list[str]:
        """Return the plugins that have a hook, or of which only running them can tell."""
        return [entry.name for entry in self.entries if hook in self._hooks(entry, hook)]

    def _only_wraps(self, hook: str) -> list[str]:
        """Return the plugins that see the calls of all steps: they have the hook, and are no steps themselves."""
        return [name for name in self._may_have(hook) if "card" not in self._hooks(self.entry(name), "")]

    def _hooks(self, entry: Entry, unknown: str) -> frozenset[str]:
        """Return the names in a plugin's module; ``unknown`` alone where its source does not tell."""
        if entry.name not in self._names:
            source = entry.file or source_of(entry.module)
            self._names[entry.name] = names_in(source) if source else None
        names = self._names[entry.name]
        return frozenset({unknown}) if names is None else names

    # asking -------------------------------------------------------------------------------------------------------

    def entry(self, name: str) -> Entry:
        """Return a plugin's entry.

        Raises:
            FlowError: when there is none.
        """
        for entry in self.entries:
            if entry.name == name:
                return entry
        names = self.step_names()
        raise FlowError(
            f"there is no step {name!r}",
            allowed=[step for step in names if step not in self.broken],
            meant=nearest(name, names),
            hint="drawplate plugins lists the steps; a package may have to be installed for it",
        )

    def step_names(self) -> list[str]:
        """Return the names of all steps, without loading one; a module that has only side hooks is none."""
        return sorted({entry.name for entry in self.entries if self._hooks(entry, "card") & {"card"}})

    def steps(self) -> dict[str, Card]:
        """Load everything and return the cards of all working steps by name."""
        self.load_all()
        return {name: card for name, card in sorted(self._cards.items()) if card is not None}

    def card(self, name: str) -> Card:
        """Return a step's card.

        Raises:
            FlowError: when there is no such step.
            BrokenPlugin: when it cannot be loaded.
        """
        self.load(name)
        card = self._cards[name]
        if card is None:
            steps = list(self.steps())
            raise FlowError(f"{name!r} is not a step", allowed=steps, meant=nearest(name, steps))
        return card

    def identity(self, name: str) -> dict[str, str]:
        """Return what decides a step's results: versions (or hashes of sources) of core and of its distribution."""
        entry = self.entry(name)
        if name not in self._identities:
            self._identities[name] = file_identity(entry.file) if entry.file else code_identity(entry.distribution)
        own = self._identities[name]
        return {"drawplate": code_identity("drawplate"), entry.distribution: own}

    # calling ------------------------------------------------------------------------------------------------------

    def call(self, name: str, hook: str, **arguments: Any) -> Any:
        """Call one hook of one step; plugins that only wrap see it too.  Others are not imported."""
        self.load(name)
        self._load(self._only_wraps(hook))
        return self._hook(hook, name)(**arguments)

    def ask(self, name: str, function: Callable[..., Answer], *arguments: Any) -> Answer:
        """Call a function that a step's card holds.

        Raises:
            BrokenPlugin: when it raises anything.
        """
        try:
            return function(*arguments)
        except BaseException as error:
            raise self._blamed(name, error, "a function of its card fails") from error

    def implements(self, name: str, hook: str) -> bool:
        """Whether a step has a certain hook."""
        self.load(name)
        return any(found.plugin_name == name for found in getattr(self._manager.hook, hook).get_hookimpls())

    def contributors(self, hook: str) -> list[str]:
        """Return the names of the plugins that have a side hook."""
        self._load(self._may_have(hook))
        return [found.plugin_name for found in getattr(self._manager.hook, hook).get_hookimpls()]

    def offered(self, name: str, hook: str) -> Mapping[Any, Any]:
        """Return what one plugin returns for a side hook, keyed as it keys it.

        Raises:
            BrokenPlugin: when the hook raises anything, or returns nothing that can be used.
        """
        try:
            part: Any = self._hook_of(hook, name).function()
            return part if isinstance(part, Mapping) else {tool.name: tool for tool in part}
        except BaseException as error:
            raise self._blamed(name, error, f"its hook {hook} gives nothing that can be used") from error

    def contributions(self, hook: str) -> dict[Any, Any]:
        """Merge what all plugins return for a side hook; one that fails offers nothing."""
        merged: dict[Any, Any] = {}
        owners: dict[Any, str] = {}
        for name in self.contributors(hook):
            try:
                part = self.offered(name, hook)
            except BrokenPlugin as error:
                _log.warning("%s\n  what it offers as %s is left out", error.message, hook)
                continue
            for key, value in part.items():
                if merged.setdefault(key, value) != value:
                    raise BrokenPlugin(
                        f"{key!r} is offered by {owners[key]!r} and by {name!r}",
                        where=f"hook {hook}",
                        hint="uninstall one of the two plugins",
                    )
                owners.setdefault(key, name)
        return merged

    def _hook_of(self, hook: str, name: str) -> pluggy.HookImpl:
        found: list[pluggy.HookImpl] = getattr(self._manager.hook, hook).get_hookimpls()
        return next(implementation for implementation in found if implementation.plugin_name == name)

    def _hook(self, hook: str, name: str) -> pluggy.HookCaller:
        others = [
            plugin
            for other, plugin in self._manager.list_name_plugin()
            if other != name and plugin is not None and self._is_step(other)
        ]
        return self._manager.subset_hook_caller(hook, remove_plugins=others)

    def _is_step(self, name: str) -> bool:
        return self._cards.get(name) is not None
