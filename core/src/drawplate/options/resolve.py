# SPDX-License-Identifier: Apache-2.0
"""Options that leave a choice to the machine: the choice is made before a result gets its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, runtime_checkable

from drawplate.options.schema import as_table

if TYPE_CHECKING:
    from drawplate.artifact import Artifact

Options = TypeVar("Options")


@runtime_checkable
class LeftToTheMachine(Protocol):
    """Options some values of which, such as ``auto``, stand for something else on another machine."""

    def resolved(self, model: Artifact, device: str) -> Self:
        """Return the options with what this machine chooses for a model in their place."""


def resolve(options: Options, model: Artifact, device: str) -> tuple[Options, dict[str, Any]]:
    """Return options that no machine reads otherwise, and those that were chosen, by name.

    Args:
        options: of one verb.
        model: what they are for.
        device: as torch writes it.
    """
    if not isinstance(options, LeftToTheMachine):
        return options, {}
    chosen = options.resolved(model, device)
    before, after = as_table(options), as_table(chosen)
    return chosen, {name: value for name, value in after.items() if before.get(name) != value}
