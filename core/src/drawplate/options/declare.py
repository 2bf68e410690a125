# SPDX-License-Identifier: Apache-2.0
"""Declaring an option: its help, its limits, its unit."""

from __future__ import annotations

from typing import Any

import attrs

_MISSING: Any = attrs.NOTHING


@attrs.frozen(kw_only=True)
class OptionInfo:
    """What an option accepts, beyond its type."""

    help: str
    unit: str = ""
    choices: tuple[Any, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    file: bool = False
    """Whether the value is the path of a file, beside the flow's, whose contents decide the result."""
    follows: str = ""
    """In a flow, an option of the step that the model goes on to, which this one takes over where it is left out;
    ``use`` is that step's own name.  See :mod:`drawplate.flow.follow`."""

    def problem(self, value: object) -> str | None:
        """Say what is wrong with a value, or None."""
        if value is None:
            return None
        if isinstance(value, tuple):
            return next(filter(None, map(self.problem, value)), None)
        if self.choices and value not in self.choices:
            return f"is {value!r}"
        if isinstance(value, int | float) and not isinstance(value, bool) and not self._within(value):
            return f"is {value!r}"
        return None

    def _within(self, value: float) -> bool:
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    @property
    def range(self) -> str:
        """The accepted values in words, empty where the type says it all."""
        if self.choices:
            return ", ".join(str(choice) for choice in self.choices)
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (
                ("at least", self.at_least),
                ("more than", self.above),
                ("at most", self.at_most),
                ("less than", self.below),
            )
            if bound is not None
        ]
        return " and ".join(bounds)


def option(help: str, *, default: Any = _MISSING, **limits: Any) -> Any:  # noqa: A002 - reads best at the call
    """Declare one option of an attrs options class.

    Args:
        help: what it does, one sentence; shown by ``drawplate plugins STEP`` and in the docs.
        default: its value when the flow leaves it out; without one the option is required.
        limits: ``choices``, ``at_least``, ``at_most``, ``above``, ``below``, ``unit``, ``file``,
            ``follows`` (see
            :class:`OptionInfo`).
    """
    info = OptionInfo(help=help, **limits)

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        problem = info.problem(value)
        if problem:
            msg = f"{attribute.name} {problem}"
            raise ValueError(msg)

    return attrs.field(default=default, metadata={OptionInfo: info}, validator=check, kw_only=True)


def info_of(attribute: attrs.Attribute[Any]) -> OptionInfo:
    """Return what was declared of an option; a plain attrs field has no help and no limits."""
    found = attribute.metadata.get(OptionInfo)
    return found if isinstance(found, OptionInfo) else OptionInfo(help="")


def option_fields(cls: type) -> dict[str, attrs.Attribute[Any]]:
    """Return the options of a class by name, with their annotations resolved to types."""
    resolved = attrs.resolve_types(cls)
    return {attribute.name: attribute for attribute in attrs.fields(resolved)}
