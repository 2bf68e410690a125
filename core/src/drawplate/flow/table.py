# SPDX-License-Identifier: Apache-2.0
"""The door of a flow: what comes in is small, shallow, plain values, and names that are names."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from drawplate.errors import FlowError

MAX_BYTES: Final = 300_000
MAX_DEPTH: Final = 32
MAX_STEPS: Final = 500
MAX_NAME: Final = 64
MAX_INTEGER: Final = 2**63
MAX_SEED: Final = 2**32
"""NumPy's limit."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{{MAX_DEPTH},}}")
_NAME = re.compile(r"\w(?:[\w+-]|[. ](?=[\w+-]))*")


def check_text(text: str, where: str) -> None:
    """Refuse a file whose keys are so deep that parsing them takes minutes.

    Raises:
        FlowError: for such a key.
    """
    found = _DEEP_KEY.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise FlowError("has a key that is too deep", where=f"{where}, line {line}", allowed=f"{MAX_DEPTH} levels")


def check_table(table: Mapping[str, Any], file: str) -> None:
    """Check that a flow holds nothing but what JSON can: no date, no NaN, no character that steers a terminal.

    Raises:
        FlowError: for the first such value, or for tables within tables beyond measure.
    """
    for path, value in _leaves(table, file):
        where = f"{file}, key {_shown('.'.join(path))!r}"
        if isinstance(value, str):
            bad = next(filter(_steers, value), None)
            if bad is not None:
                raise FlowError(f"has the character U+{ord(bad):04X}", where=where, allowed="text that can be printed")
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise FlowError(f"is {value}", where=where, allowed="a finite number")
        elif not isinstance(value, bool | int) or not -MAX_INTEGER <= value < MAX_INTEGER:
            kind = "a whole number beyond 64 bits" if isinstance(value, int) else f"a {type(value).__name__}"
            raise FlowError(f"is {kind}", where=where, allowed="text, a number, true or false, a list or a table")


def _leaves(table: Mapping[str, Any], file: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value with the keys that lead to it; keys are values too."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise FlowError("is too deep", where=f"{file}, key {_shown(path[0])!r}", allowed=f"{MAX_DEPTH} levels")
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield path, key
                waiting.append(((*path, key), inner))
        elif isinstance(value, list | tuple):
            waiting += [((*path, str(number)), inner) for number, inner in enumerate(value, start=1)]
        else:
            yield path, value


def _steers(letter: str) -> bool:
    return letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cs")


def _shown(text: str) -> str:
    return text if len(text) <= MAX_NAME else text[:MAX_NAME] + "..."


def check_name(name: str, where: str) -> None:
    """Check the name of a step or a model: it becomes part of file names, pages and messages.

    Raises:
        FlowError: when it is no name.
    """
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise FlowError(
            f"{_shown(name)!r} is no name",
            where=where,
            allowed=f"letters, digits, _, -, + and single dots or spaces within, at most {MAX_NAME}",
        )
