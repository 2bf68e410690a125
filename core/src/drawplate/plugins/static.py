# SPDX-License-Identifier: Apache-2.0
"""What can be said of a plugin's code without running it."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

_DYNAMIC: Final = frozenset({"globals", "locals", "vars", "exec", "eval", "setattr"})
"""A module that uses these at its top level may define anything."""
_OURS: Final = frozenset({"drawplate"})


def source_of(module: str) -> Path | None:
    """Return a module's source file, found without importing even its package; None where there is none."""
    top, *parts = module.split(".")
    place = _top_level(top)
    for part in parts:
        folder = place.parent if place is not None and place.name == "__init__.py" else None
        found = (folder / part / "__init__.py", folder / f"{part}.py") if folder else ()
        place = next(filter(Path.is_file, found), None)
    return place


def names_in(source: Path) -> frozenset[str] | None:
    """Return the names that a module binds at its top level; None where only running it can tell."""
    tree = _parsed(source)
    if tree is None:
        return None
    names: set[str] = set()
    for node in _top_level_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            ours = isinstance(node, ast.ImportFrom) and node.module in _OURS  # its star offers no hook
            names |= {alias.asname or alias.name for alias in node.names if not (ours and alias.name == "*")}
        elif isinstance(node, ast.Name):
            names.add(node.id)
    return None if "*" in names or names & _DYNAMIC else frozenset(names)


def _top_level_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _top_level_nodes(child)


def local_files(path: Path) -> list[Path]:
    """Return a file and all that it imports, anywhere in it, from its own folder or another that is not installed.

    Of a package the whole folder counts.  What is imported by a computed name, and files that are only read, are not
    seen.
    """
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = None
        if file.name == "__init__.py":
            waiting += sorted(file.parent.rglob("*.py"))
        for name in _imports(file):
            place = _beside(path.parent, name) or (None if name in _OURS else _not_installed(name))
            if place is not None:
                waiting.append(place)
    return sorted(found)


def _imports(file: Path) -> set[str]:
    tree = _parsed(file)
    names: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _beside(folder: Path, name: str) -> Path | None:
    return next(filter(Path.is_file, (folder / name / "__init__.py", folder / f"{name}.py")), None)


def _not_installed(name: str) -> Path | None:
    """Return a module that lies on the search path, but in no place for installed packages."""
    place = None if name in sys.stdlib_module_names else _top_level(name)
    installed = {Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    return place if place and not any(place.is_relative_to(folder) for folder in installed) else None


def _top_level(name: str) -> Path | None:
    try:
        spec = PathFinder.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _parsed(source: Path) -> ast.Module | None:
    try:
        return ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
