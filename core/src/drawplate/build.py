# SPDX-License-Identifier: Apache-2.0
"""What a target's export makes: a plan and files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Build:
    """Files for a target, and the plan that they were made by.  Immutable, kept in the store."""

    root: Path = field(eq=False)
    """Folder that holds the files."""
    target: str
    """Name of the step that made it."""
    source: str
    """Digest of the artifact that it was made from."""
    digest: str
    """SHA-256 over the plan and all files: equal digests are equal bytes."""
    plan: Mapping[str, Any]
    """What was decided, as JSON values: settings, versions, commands for vendor tools."""
    files: Mapping[str, str]
    """SHA-256 by file name relative to ``root``."""
    about: Mapping[str, str] = field(factory=dict, eq=False)
    """What files are, for the README of an exported folder: by name, or by folder and suffix as ``rtl/*.v``."""

    def path(self, name: str) -> Path:
        """Return the path of one of its files.

        Raises:
            KeyError: when the build has no such file.
        """
        if name not in self.files:
            raise KeyError(name)
        return self.root / name
