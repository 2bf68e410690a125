# SPDX-License-Identifier: Apache-2.0
"""How long a program may take."""

from __future__ import annotations

import math
import os
from typing import Final

from drawplate.errors import DrawplateError, ToolTimeout

VARIABLE: Final = "DRAWPLATE_TOOL_SECONDS"


def limit(seconds: float) -> float:
    """Return the limit of a call: its own, or what the environment says for all.

    Raises:
        DrawplateError: when that is no number of seconds.
    """
    given = os.environ.get(VARIABLE)
    if not given:
        return seconds
    try:
        found = float(given)
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise DrawplateError(f"is {given!r}", where=f"environment variable {VARIABLE}", allowed="seconds, more than 0")
    return found


def too_late(what: str, seconds: float, where: str) -> ToolTimeout:
    """Say that a program took too long."""
    return ToolTimeout(
        f"{what} within {seconds:g} s",
        where=where,
        hint=f"allow more with {VARIABLE}, or make what it works on smaller",
    )
