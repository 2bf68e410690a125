# SPDX-License-Identifier: Apache-2.0
"""Which plugins there are, from metadata alone: nothing is imported here."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from attrs import field, frozen

GROUP = "drawplate"


@frozen(kw_only=True)
class Entry:
    """One entry point: a step, or a module with side hooks only."""

    name: str
    module: str
    """Dotted name of the module, or path of a file given with ``--plugin``."""
    distribution: str
    version: str
    url: str = ""
    """Where to report a bug of the plugin."""
    file: Path | None = field(default=None)

    @property
    def owner(self) -> str:
        """Distribution and version, as messages name them."""
        return f"{self.distribution} {self.version}".strip()


def installed() -> list[Entry]:
    """List the entry points of all installed distributions, sorted by step name."""
    entries = [
        Entry(
            name=point.name,
            module=point.value,
            distribution=point.dist.metadata["Name"] if point.dist else "unknown",
            version=point.dist.version if point.dist else "",
            url=_project_url(point.dist) if point.dist else "",
        )
        for point in metadata.entry_points(group=GROUP)
    ]
    return sorted(set(entries), key=lambda entry: (entry.name, entry.distribution))


def _project_url(distribution: metadata.Distribution) -> str:
    urls = distribution.metadata.get_all("Project-URL") or []
    return urls[0].partition(", ")[2] if urls else ""


@cache
def code_identity(distribution: str) -> str:
    """Version of a distribution, and a hash of its sources.

    A clone keeps its version while its code changes, and so does an installed file that somebody edits: the version
    alone would not do as part of a cache key.
    """
    try:
        found = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return "absent"
    return f"{found.version}+{_sources_hash(found)}"


def _sources_hash(distribution: metadata.Distribution) -> str:
    sha = hashlib.sha256()
    for root in _source_roots(distribution):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                sha.update(path.relative_to(root).as_posix().encode())
                sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


def _source_roots(distribution: metadata.Distribution) -> list[Path]:
    modules = {point.module.partition(".")[0] for point in distribution.entry_points if point.group == GROUP}
    roots = []
    for module in sorted(modules):
        spec = find_spec(module)
        if spec and spec.origin:
            roots.append(Path(spec.origin).parent)
    return roots
