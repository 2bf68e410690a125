# SPDX-License-Identifier: Apache-2.0
"""``--set step.key=value``: changing a flow without editing its file."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from drawplate.errors import FlowError, nearest


def parse_value(text: str) -> Any:
    """Read a value as TOML would; what is no TOML value is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def read_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Read ``place.key=value`` texts into values by ``place.key``.

    Raises:
        FlowError: when one is malformed.
    """
    settings: dict[str, Any] = {}
    for text in texts:
        target, equals, value = text.partition("=")
        if not equals:
            raise _not_understood(text)
        settings[target.strip()] = parse_value(value.strip())
    return settings


def apply_overrides(table: Mapping[str, Any], settings: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Return the flow with values set.

    Args:
        table: the flow.
        settings: values by ``step.key``, ``model.key``, ``data.key``, ``seed``, or ``search.step.key`` for a step that
            candidates of a search go through.
        file: for messages.

    Raises:
        FlowError: when one is malformed, or names no step.
    """
    changed = copy.deepcopy(dict(table))
    for target, value in settings.items():
        *path, key = target.split(".")
        if not key or not (path or key == "seed"):
            raise _not_understood(target)
        set_value(changed, path, key, value, file)
    return changed


def _not_understood(text: str) -> FlowError:
    return FlowError(f"--set {text!r} is not understood", allowed="step.key=value, model.key=value, data.key=value")


def set_value(table: dict[str, Any], path: list[str], key: str, value: Any, file: str) -> None:
    """Set one key in place.  The path's first word is a table of the flow or a step's name."""
    place: Any = table
    for depth, word in enumerate(path):
        place = _named(place, word, file) if depth == 0 else _within(place, word)
        if not isinstance(place, dict):
            raise FlowError(f"{'.'.join(path[: depth + 1])!r} is not a table", where=file)
    place[key] = value


def _named(table: dict[str, Any], word: str, file: str) -> Any:
    if word in ("model", "models", "data"):
        return table.setdefault(word, {})
    steps = _steps(table.get("step"))
    if word not in steps:
        searches = [name for name, step in steps.items() if word in _steps(step.get("candidate"))]
        known = [*(f"{name}.{word}" for name in searches), *steps, "model", "models", "data"]
        raise FlowError(f"there is no step {word!r} to set", where=file, allowed=known, meant=nearest(word, known))
    return steps[word]


def _within(place: dict[str, Any], word: str) -> Any:
    """Return a table of a step: one of its options, or a step that its candidates go through."""
    candidates = _steps(place.get("candidate"))
    return candidates[word] if word in candidates and word not in place else place.setdefault(word, {})


def _steps(found: object) -> dict[str, dict[str, Any]]:
    """Return steps by name; the first of a name, as other faults are told of later."""
    steps: dict[str, dict[str, Any]] = {}
    for step in found if isinstance(found, list) else ():
        if isinstance(step, dict):
            steps.setdefault(str(step.get("name", step.get("use"))), step)
    return steps
