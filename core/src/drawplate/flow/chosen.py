# SPDX-License-Identifier: Apache-2.0
"""``options_from``: what an earlier search chose becomes options of a step, and of the candidates of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate.errors import FlowError
from drawplate.flow.model import StepSpec


def with_chosen(step: StepSpec, chosen: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the options of a step with chosen ones added.

    Args:
        step: the step; its own table, and every table with ``use`` within its options, may take some over.
        chosen: values by ``STEP.OPTION``; STEP is a table's ``name`` or ``use``.
        where: file and step, for messages.

    Raises:
        FlowError: when there is nothing to take over, or an option is set in the flow as well.
    """
    where = f"{where}, key 'options_from'"
    taken: set[str] = set()
    table = _filled({"use": step.use, "name": step.name, **step.options}, chosen, taken, where)
    if not taken:
        raise FlowError(
            f"{step.options_from} chooses no option of {step.name}",
            where=where,
            allowed=sorted(chosen) or "a search with genes that are options of steps, as distill.alpha",
        )
    return {key: value for key, value in table.items() if key not in ("use", "name")}


def _filled(table: Mapping[str, Any], chosen: Mapping[str, Any], taken: set[str], where: str) -> dict[str, Any]:
    """Fill a step's table, and the steps' tables in lists within it."""
    filled = {key: [_inner(v, chosen, taken, where) for v in value] if isinstance(value, list | tuple) else value
              for key, value in table.items()}  # fmt: skip
    for name, value in chosen.items():
        step, _, option = name.rpartition(".")
        if step not in (table.get("name"), table["use"]):
            continue
        if option in table:
            raise FlowError(f"{name} is set in the flow too", where=where, hint=f"leave {option} out there")
        taken.add(name)
        if value is not None:  # None: the step's own default
            filled[option] = value
    return filled


def _inner(value: Any, chosen: Mapping[str, Any], taken: set[str], where: str) -> Any:
    is_step = isinstance(value, Mapping) and isinstance(value.get("use"), str)
    return _filled(value, chosen, taken, where) if is_step else value
