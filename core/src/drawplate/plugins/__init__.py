# SPDX-License-Identifier: Apache-2.0
"""Finding, loading and calling plugins, and surviving the bad ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from drawplate.plugins.discover import Entry
from drawplate.plugins.load import Plugins

__all__ = ["Entry", "Plugins", "contributions"]


@cache
def _installed() -> Plugins:
    return Plugins()


def contributions(hook: str) -> Mapping[Any, Any]:
    """What all installed plugins return for a side hook, for code that runs outside a step."""
    return _installed().contributions(hook)
