# SPDX-License-Identifier: Apache-2.0
"""Unpackaged plugins: files given with ``--plugin``."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from drawplate.errors import BrokenPlugin
from drawplate.plugins.discover import Entry
from drawplate.plugins.static import local_files


def from_files(paths: Iterable[Path]) -> list[Entry]:
    """Make entries of unpackaged plugins: the file's name is the step's name.

    Raises:
        BrokenPlugin: when there is no such Python file.
    """
    entries = []
    for path in paths:
        if path.suffix != ".py" or not path.is_file():
            raise BrokenPlugin("is not a Python file", where=f"--plugin {path}")
        entries.append(
            Entry(
                name=path.stem,
                module=str(path),
                distribution=path.name,
                version="",
                file=path.absolute(),
            )
        )
    return entries


def file_identity(path: Path) -> str:
    """Hash of an unpackaged plugin, and of the modules beside it that it imports."""
    sha = hashlib.sha256()
    for file in local_files(path):
        sha.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return sha.hexdigest()[:16]


def import_file(path: Path) -> ModuleType:
    """Import a file, once; a worker that imports it too can unpickle what it defines."""
    # The name tells files apart by place and content; a second load of the same file gives the same classes.
    name = f"drawplate_file_{path.stem}_{hashlib.sha256(str(path).encode() + path.read_bytes()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # attrs and pickle look a class's module up by name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
