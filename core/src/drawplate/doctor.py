# SPDX-License-Identifier: Apache-2.0
"""What is here and what is not: tools, devices, data sets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from drawplate.errors import DrawplateError
from drawplate.known import RIGHT
from drawplate.plugins import Plugins

Row = dict[str, Any]


def examine(plugins: Plugins) -> list[Row]:
    """Look for everything that some step needs.  Returns rows of name, found, details, needed_by, next."""
    return [*_plugins(plugins), *_engines(), *_tools(plugins), *_data(plugins)]


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


def _engines() -> list[Row]:
    """What computes in this process, asked what is known."""
    return [_torch(), _onnxruntime()]


def _torch() -> Row:
    row = {"name": "torch", "found": False, "details": "", "needed_by": "fit, distill, quantize"}
    try:
        import torch
    except ImportError:
        return row | {"next": "pip install drawplate[torch]"}
    from drawplate.torch.engine import check

    gpus = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    names = ", ".join(torch.cuda.get_device_name(gpu) for gpu in gpus) or "CPU only"
    return _asked(row | {"details": f"{torch.__version__}, {names}"}, *(partial(check, gpu) for gpu in ("cpu", *gpus)))


def _onnxruntime() -> Row:
    import onnxruntime

    from drawplate.ort.session import check

    needed = "ort, quantize, and every model file"
    row = {"name": "onnxruntime", "found": False, "details": onnxruntime.__version__, "needed_by": needed}
    return _asked(row, check)


def _asked(row: Row, *checks: Callable[[], None]) -> Row:
    try:
        for check in checks:
            check()
    except DrawplateError as error:
        return row | {"details": f"{row['details']}; {error.what}", "next": error.hint or ""}
    return row | {"found": True, "details": f"{row['details']}; {RIGHT}", "next": ""}


def _tools(plugins: Plugins) -> list[Row]:
    from drawplate.toolenv import examined

    users: dict[str, list[str]] = {}
    for name, card in plugins.steps().items():
        for tool in card.tools:
            users.setdefault(tool, []).append(name)
    rows = []
    for name, spec in sorted(plugins.contributions("tools").items()):
        state = examined(spec)
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
