# SPDX-License-Identifier: Apache-2.0
"""From what is said in Python to a flow: a file or a dictionary, values that are set, arrays as data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from drawplate.api.arrays import keep_arrays
from drawplate.errors import FlowError
from drawplate.flow.model import Flow
from drawplate.flow.override import apply_overrides
from drawplate.flow.read import flow_of, read_table
from drawplate.store import Store

Source: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any]"
"""A flow's file, or what it says as a dictionary."""


def flow_from(source: Source, *, name: str, store: Store, settings: Mapping[str, Any], seed: int | None = None) -> Flow:
    """Make a flow.

    Args:
        source: a file, or a dictionary of the same keys.  Arrays among ``data`` (``x_train``, ``y_train``, ``x_test``,
            ``y_test``, or ``x`` and ``y``) are kept in the store and read as ``name = "npz"``.
        name: of a flow that is a dictionary; part of its run's id.
        store: where arrays are kept.
        settings: values by ``step.key``.
        seed: instead of the flow's.

    Raises:
        FlowError: when it is no flow; says where.
    """
    path = Path(name) if isinstance(source, Mapping) else Path(source)
    table = plain(source) if isinstance(source, Mapping) else read_table(path)
    table = apply_overrides(table, plain(settings), path.name)
    if seed is not None:
        table["seed"] = seed
    if isinstance(table.get("data"), Mapping):
        table["data"] = keep_arrays(table["data"], store)
    return flow_of(table, path)


def settings_from(given: Mapping[str, Any] | None, words: Mapping[str, Any]) -> dict[str, Any]:
    """Join values by ``step.key`` and keyword arguments ``step__key=value``.

    Raises:
        FlowError: for a keyword argument without two underscores.
    """
    settings = dict(given or {})
    for word, value in words.items():
        parts = word.split("__")
        if len(parts) < 2 or not all(parts):
            raise FlowError(
                f"there is no argument {word!r}",
                allowed='step__key=value, as fit__epochs=5, or set={"fit.epochs": 5}',
            )
        settings[".".join(parts)] = value
    return settings


def plain(value: Any) -> Any:
    """Return a value as TOML would have it: paths as text, tuples as lists, numbers of NumPy as Python's."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple | range):
        return [plain(inner) for inner in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value
