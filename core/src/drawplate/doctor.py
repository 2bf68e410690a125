# SPDX-License-Identifier: Apache-2.0
"""What is here and what is not: tools, devices, data sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drawplate.errors import DrawplateError
from drawplate.plugins import Plugins

Row = dict[str, Any]


def examine(plugins: Plugins) -> list[Row]:
    """Look for everything that some step needs.  Returns rows of name, found, details, needed_by, next."""
    return [*_plugins(plugins), *_torch(), *_tools(plugins), *_data(plugins)]


def mend(plugins: Plugins, tell: Callable[[str], None]) -> None:
    """Make the tool environments that are missing.

    Raises:
        ToolMissing: when one cannot be made.
    """
    from drawplate.toolenv import PythonTool, make, status

    for spec in plugins.contributions("tools").values():
        if isinstance(spec, PythonTool) and not status(spec).found:
            tell(f"making the environment of {spec.name}")
            make(spec)


def _plugins(plugins: Plugins) -> list[Row]:
    plugins.load_all()
    return [
        {
            "name": f"step {name}",
            "found": False,
            "details": f"{error.where}: {error.what}",
            "needed_by": name,
            "next": error.hint or "",
        }
        for name, error in plugins.broken.items()
    ]


def _torch() -> list[Row]:
    try:
        import torch
    except ImportError:
        return [
            {
                "name": "torch",
                "found": False,
                "details": "",
                "needed_by": "fit, distill, quantize",
                "next": "pip install drawplate[torch]",
            }
        ]
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU only"
    details = f"{torch.__version__}, {gpu}"
    return [{"name": "torch", "found": True, "details": details, "needed_by": "fit, distill, quantize", "next": ""}]


def _tools(plugins: Plugins) -> list[Row]:
    from drawplate.toolenv import status

    users: dict[str, list[str]] = {}
    for name, card in plugins.steps().items():
        for tool in card.tools:
            users.setdefault(tool, []).append(name)
    rows = []
    for name, spec in sorted(plugins.contributions("tools").items()):
        state = status(spec)
        rows.append(
            {
                "name": name,
                "found": state.found,
                "details": state.details or spec.summary,
                "needed_by": ", ".join(users.get(name, [])),
                "next": state.next,
            }
        )
    return rows


def _data(plugins: Plugins) -> list[Row]:
    from drawplate.data import locate

    rows = []
    for name, reader in sorted(plugins.contributions("datasets").items()):
        try:
            details, found, following = reader.summary if reader.given else str(locate(reader)), True, ""
        except DrawplateError as error:
            details, found, following = error.what, False, error.hint or ""
        rows.append({"name": f"data {name}", "found": found, "details": details, "needed_by": "", "next": following})
    return rows
