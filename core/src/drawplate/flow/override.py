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


def apply_overrides(table: Mapping[str, Any], overrides: Iterable[str], file: str) -> dict[str, Any]:
    """Return the flow with ``place.key=value`` overrides applied.

    Raises:
        FlowError: when one is malformed, or names no step.
    """
    changed = copy.deepcopy(dict(table))
    for override in overrides:
        target, equals, text = override.partition("=")
        *path, key = target.strip().split(".")
        if not equals or not key or not (path or key == "seed"):
            raise FlowError(
                f"--set {override!r} is not understood", allowed="step.key=value, model.key=value, data.key=value"
            )
        set_value(changed, path, key, parse_value(text.strip()), file)
    return changed


def set_value(table: dict[str, Any], path: list[str], key: str, value: Any, file: str) -> None:
    """Set one key in place.  The path's first word is a table of the flow or a step's name."""
    place: Any = table
    for depth, word in enumerate(path):
        place = _named(place, word, file) if depth == 0 else place.setdefault(word, {})
        if not isinstance(place, dict):
            raise FlowError(f"{'.'.join(path[: depth + 1])!r} is not a table", where=file)
    place[key] = value


def _named(table: dict[str, Any], word: str, file: str) -> Any:
    if word in ("model", "models", "data"):
        return table.setdefault(word, {})
    found = table.get("step")
    steps = [step for step in found if isinstance(step, dict)] if isinstance(found, list) else []
    names = [str(step.get("name", step.get("use"))) for step in steps]
    if word not in names:
        known = [*names, "model", "models", "data"]
        raise FlowError(f"there is no step {word!r} to set", where=file, allowed=known, meant=nearest(word, known))
    return steps[names.index(word)]
