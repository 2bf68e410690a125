# SPDX-License-Identifier: Apache-2.0
"""``drawplate new``: a package that is a working plugin from its first minute."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from drawplate.errors import FlowError, nearest
from drawplate.store import atomic

KINDS = ("target", "technique")
_TEMPLATES = Path(__file__).parent / "templates"


def write_package(kind: str, name: str, folder: Path) -> Path:
    """Write a plugin package.

    Args:
        kind: ``target`` (export and measure) or ``technique`` (compress).
        name: name of its step.
        folder: where; must not exist or be empty.

    Returns:
        The folder.

    Raises:
        FlowError: for an unknown kind, a name that cannot be a step, or a folder that is in use.
    """
    if kind not in KINDS:
        raise FlowError(f"there is no template {kind!r}", allowed=KINDS, meant=nearest(kind, KINDS))
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise FlowError(f"{name!r} cannot be a step's name", allowed="a-z, 0-9 and _, a letter first")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FlowError("is not empty", where=str(folder), hint="name another one with --folder")
    words = {"name": name, "package": f"drawplate_{name}", "distribution": f"drawplate-{name.replace('_', '-')}"}

    def fill(temporary: Path) -> None:
        for template in sorted((_TEMPLATES / kind).rglob("*.in")):
            relative = template.relative_to(_TEMPLATES / kind).as_posix().removesuffix(".in")
            path = temporary / relative.replace("PACKAGE", words["package"]).replace("NAME", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")

    if folder.exists():
        folder.rmdir()
    atomic.write_folder(folder.absolute(), fill)
    return folder
