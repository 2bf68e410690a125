# SPDX-License-Identifier: Apache-2.0
"""Versions of what results depend on: every distribution that offers a step, and all that they ask for."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import metadata
from typing import Final

from drawplate.plugins.discover import GROUP

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@cache
def versions() -> dict[str, str]:
    """Return the version of Python, of every distribution with plugins, and of what these require, where installed."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    owners = {point.dist.metadata["Name"]: point.dist for point in metadata.entry_points(group=GROUP) if point.dist}
    for name, owner in sorted(owners.items()):
        found[name] = owner.version
        for required in sorted(filter(None, (_NAME.match(text) for text in owner.requires or ())), key=str):
            _add(required.group(), found)
    return found


def _add(name: str, found: dict[str, str]) -> None:
    """Add a distribution under the name that it gives itself; none that is not installed."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    found[distribution.metadata["Name"]] = distribution.version
