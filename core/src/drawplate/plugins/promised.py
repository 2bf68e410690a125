# SPDX-License-Identifier: Apache-2.0
"""Whether a plugin's card and hooks fit together."""

from __future__ import annotations

from types import ModuleType

from drawplate.card import CONTRACT, Card, Verb
from drawplate.errors import ContractError


def checked_card(card: object, module: ModuleType) -> Card:
    """Return the card of a module that has exactly the hooks that it offers.

    Raises:
        ContractError: when not.
    """
    if not isinstance(card, Card):
        raise ContractError(f"card() returned {type(card).__name__}, not a Card")
    if card.contract != CONTRACT:
        raise ContractError(f"written for contract {card.contract}; this is contract {CONTRACT}")
    missing = [verb.value for verb in card.verbs if not hasattr(module, verb.value)]
    if missing:
        raise ContractError(f"its card offers {', '.join(missing)}, but there is no such hook in the module")
    extra = [verb.value for verb in Verb if hasattr(getattr(module, verb.value, None), "drawplate_impl")]
    unlisted = [verb for verb in extra if Verb(verb) not in card.options]
    if unlisted:
        raise ContractError(f"implements {', '.join(unlisted)}, but its card has no options class for it")
    if not card.options:
        raise ContractError("its card offers no verb")
    return card
