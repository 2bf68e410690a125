# SPDX-License-Identifier: Apache-2.0
"""Flows as TOML text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_toml(table: Mapping[str, Any]) -> str:
    """Write a flow as a person would: values first, then tables, a ``[[step]]`` per step.

    Args:
        table: plain values, as :attr:`drawplate.flow.Flow.table`; what is None is left out, TOML has no such value.
    """
    import tomlkit

    return tomlkit.dumps(_without_none(table)).strip() + "\n"


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_none(inner) for inner in value]
    return value
