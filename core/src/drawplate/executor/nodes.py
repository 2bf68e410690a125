# SPDX-License-Identifier: Apache-2.0
"""Whether the machines of a cluster see what the one that sends them work sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.versions import versions

if TYPE_CHECKING:
    from drawplate.session import Session


@frozen
class Sight:
    """What a machine sees."""

    text: str
    """Of the file that was put into the store; empty where it is not seen."""
    missing: tuple[str, ...]
    """Paths that are not there."""
    versions: Mapping[str, str]
    """Of Python and of drawplate's distributions."""


@frozen
class Token:
    """A file in the store, what it says, and the paths that have to be there too."""

    path: Path
    text: str
    others: tuple[Path, ...]


@contextmanager
def shown(session: Session) -> Iterator[Token]:
    """Put a file into the store for others to look at."""
    root = session.store.root.absolute()
    root.mkdir(parents=True, exist_ok=True)
    text = uuid.uuid4().hex
    path = root / f".seen-{text}"
    folder = (session.data or {}).get("path")
    others = (*session.plugin_files, *([Path(folder).absolute()] if folder else []))
    path.write_text(text, encoding="utf-8")
    try:
        yield Token(path, text, others)
    finally:
        path.unlink(missing_ok=True)


def look(token: Token) -> Sight:
    """Look at a token, on another machine."""
    text = token.path.read_text(encoding="utf-8") if token.path.is_file() else ""
    missing = tuple(str(path) for path in token.others if not path.exists())
    return Sight(text, missing, _versions())


def complaints(sights: Mapping[str, Sight | str], token: Token) -> list[str]:
    """Say of each machine, by name, what it lacks."""
    found, mine = [], _versions()
    for name, sight in sights.items():
        if isinstance(sight, str):
            found.append(f"{name} does not answer: {sight}")
            continue
        if sight.text != token.text:
            found.append(f"{name} does not see the store's folder {token.path.parent}")
        found += [f"{name} does not see {path}" for path in sight.missing]
        found += [
            f"{name} has {package} {sight.versions.get(package, 'not installed')}, this machine {version}"
            for package, version in mine.items()
            if sight.versions.get(package) != version
        ]
    return found


def _versions() -> dict[str, str]:
    found = versions()
    return {**found, "python": found["python"].rpartition(".")[0]}
