# SPDX-License-Identifier: Apache-2.0
"""A step's table in a flow, dealt out to its verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drawplate.card import Card, Verb
from drawplate.errors import FlowError, nearest
from drawplate.options import option_fields, read_options


def chosen_verbs(card: Card, only: Sequence[str], where: str) -> tuple[Verb, ...]:
    """Return the verbs to carry out, in order.

    Raises:
        FlowError: for a verb that the step does not have.
    """
    offered = [verb.value for verb in card.verbs]
    for word in only:
        if word not in offered:
            raise FlowError(
                f"this step cannot {word!r}",
                where=f"{where}, key 'only'",
                allowed=offered,
                meant=nearest(word, offered),
            )
    return tuple(verb for verb in card.verbs if not only or verb.value in only)


def read_step_options(card: Card, verbs: Sequence[Verb], table: Mapping[str, Any], where: str) -> dict[Verb, Any]:
    """Build the options object of each verb; a key that two verbs know goes to both.

    Raises:
        FlowError: for a key that no verb knows, or a wrong value.
    """
    fields = {verb: option_fields(card.options[verb]) for verb in verbs}
    known = {name for names in fields.values() for name in names}
    for key in table:
        if key not in known:
            raise FlowError(
                f"unknown option {key!r}", where=where, allowed=sorted(known) or "no options", meant=nearest(key, known)
            )
    return {
        verb: read_options(card.options[verb], {k: v for k, v in table.items() if k in fields[verb]}, where)
        for verb in verbs
    }
