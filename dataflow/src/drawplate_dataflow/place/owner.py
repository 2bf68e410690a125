# SPDX-License-Identifier: Apache-2.0
"""Which layer a cell belongs to, by its name after flattening."""

from __future__ import annotations

import re
from typing import Final

OUTSIDE: Final = "wrapper"
"""What is no layer's: the wrapper and the wires between layers."""
_UNIT = re.compile(r"(?:^|[./])u_((?:layer|fork)\d+)[./]")


def owner(cell: str) -> str:
    """Return the module of the layer (``layer0``) or fork that a cell's name begins with, or :data:`OUTSIDE`."""
    found = _UNIT.search(cell)
    return found.group(1) if found else OUTSIDE
