# SPDX-License-Identifier: Apache-2.0
"""Values as JSON (RFC 8259) can hold them: it knows no NaN and no infinity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

WORDS: Final = ("NaN", "Infinity", "-Infinity")


def plain(value: Any) -> Any:
    """Return a value with keys as text and with ``"NaN"``, ``"Infinity"``, ``"-Infinity"`` for what is no number.

    These words are those of the JSON form of protocol buffers; ``float`` reads all three.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else _word(value)
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else _key(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def figures(value: Any) -> Any:
    """Return a record with its figures as numbers again: under ``value`` and ``error``, and in pairs of numbers."""
    if isinstance(value, Mapping):
        return {
            key: float(inner) if key in ("value", "error") and _is_word(inner) else figures(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        pair = len(value) == 2 and all(isinstance(one, int | float) or _is_word(one) for one in value)
        return [float(one) if pair and _is_word(one) else figures(one) for one in value]
    return value


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and value in WORDS


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return "null" if key is None else str(key)
