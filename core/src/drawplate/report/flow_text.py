# SPDX-License-Identifier: Apache-2.0
"""A flow as people write it: a table per step, what it uses first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w

FIRST = ("title", "seed", "model", "models", "data", "step", "use", "name", "on", "teachers")
"""Keys that people write first."""
INLINE = 2
"""Tables of single values that lie so deep are written in one line."""


def flow_text(flow: Mapping[str, Any]) -> str:
    """Write a flow as the file that would give it; what TOML has no word for is left out."""
    return "\n".join(_lines(flow, ())).strip()


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    keys = sorted(table, key=lambda key: FIRST.index(key) if key in FIRST else len(FIRST))
    kept = {key: table[key] for key in keys if table[key] is not None}
    deep = {key: value for key, value in kept.items() if _is_table(value, len(path)) or _are_tables(value)}
    for key, value in kept.items():
        if key not in deep:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in deep.items():
        inner = (*path, _key(key))
        many = _are_tables(value)
        for one in value if many else [value]:
            if many or not one or not all(_is_table(found, len(inner)) for found in one.values()):
                yield ""
                yield f"[[{'.'.join(inner)}]]" if many else f"[{'.'.join(inner)}]"
            yield from _lines(one, inner)


def _is_table(value: Any, depth: int) -> bool:
    if not isinstance(value, Mapping):
        return False
    return depth < INLINE or any(isinstance(inner, Mapping) for inner in value.values())


def _are_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(inner, Mapping) for inner in value)


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).rpartition(" = ")[0]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items() if inner is not None)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(inner) for inner in value if inner is not None)}]"
    return tomli_w.dumps({"x": value}).strip().removeprefix("x = ")
