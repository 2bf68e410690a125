# SPDX-License-Identifier: Apache-2.0
"""Options that are paths of files: they are looked for beside the flow's file, like its models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from drawplate.errors import DrawplateError
from drawplate.flow.model import Flow
from drawplate.options import option_fields
from drawplate.options.declare import info_of
from drawplate.plugins import Plugins


def with_files(flow: Flow, plugins: Plugins) -> Flow:
    """Return the flow with paths of files that do not depend on the folder in which it is run."""
    steps = [
        attrs.evolve(step, options=_resolved(step.use, step.options, flow.path.parent, plugins)) for step in flow.steps
    ]
    return attrs.evolve(flow, steps=tuple(steps))


def _resolved(use: str, table: Mapping[str, Any], folder: Path, plugins: Plugins) -> dict[str, Any]:
    """Resolve the paths in a step's table, and in the steps' tables in lists within it."""
    names = _files(use, plugins)
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in names and isinstance(value, str):
            found[key] = str(folder.absolute() / Path(value).expanduser())
        elif isinstance(value, list | tuple):
            found[key] = [_inner(item, folder, plugins) for item in value]
        else:
            found[key] = value
    return found


def _inner(item: Any, folder: Path, plugins: Plugins) -> Any:
    if isinstance(item, Mapping) and isinstance(item.get("use"), str):
        return _resolved(item["use"], item, folder, plugins)
    return item


def _files(use: str, plugins: Plugins) -> set[str]:
    """Return the options of a step that are paths; none of a step that cannot be had: the plan says so, and where."""
    try:
        card = plugins.card(use)
    except DrawplateError:
        return set()
    return {
        name
        for options in card.options.values()
        for name, field in option_fields(options).items()
        if info_of(field).file
    }
