# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drawplate.cli.output import claim_stdout, console, print_json
from drawplate.errors import FlowError, StoreError, ToolMissing, nearest

if TYPE_CHECKING:
    from drawplate.flow import Flow
    from drawplate.runner import Runner
    from drawplate.store import Store

__all__ = ["console", "print_json"]

FlowFile = Annotated[Path, typer.Argument(help="The flow file (TOML).", show_default=False)]
StoreOption = Annotated[Path, typer.Option("--store", help="Folder of results.", envvar="DRAWPLATE_STORE")]
PluginFiles = Annotated[list[Path] | None, typer.Option("--plugin", help="An unpackaged plugin, FILE.py. Repeatable.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="step.key=value, instead of the file's. Repeatable.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Instead of the flow's seed.")]
Device = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1 or auto.")]
Workers = Annotated[int, typer.Option("--workers", help="Worker processes; 0 is one per core.", min=0)]
Executor = Annotated[
    str, typer.Option("--executor", help="process, ray (a cluster on this machine), or a Ray cluster's address.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.", callback=claim_stdout)]
DEFAULT_STORE = Path(".drawplate")


def open_store(path: Path) -> Store:
    """Open a store."""
    from drawplate.store import Store

    if path.exists() and not path.is_dir():
        raise StoreError("is no folder", where=str(path), hint="choose another one with --store")
    return Store(path)


@contextmanager
def open_runner(
    flow: Flow,
    store: Path,
    *,
    plugin_files: list[Path] | None,
    device: str,
    workers: int,
    quiet: bool,
    executor: str = "process",
) -> Iterator[Runner]:
    """Make a runner for a flow, and stop its tools at the end."""
    from drawplate.reporter import SilentReporter, TerminalReporter
    from drawplate.runner import Runner
    from drawplate.session import Session

    session = Session(
        store=open_store(store),
        plugin_files=tuple(path.absolute() for path in plugin_files or ()),
        data=_located(flow),
        device=_device(device),
        workers=workers or os.cpu_count() or 1,
        executor=_executor(executor),
    )
    runner = Runner.of(session, SilentReporter() if quiet else TerminalReporter(console(stderr=True)))
    try:
        yield runner
    finally:
        runner.close()


def _located(flow: Flow) -> Mapping[str, Any] | None:
    """Return ``[data]`` with a path that is relative to the flow's folder made whole, as paths of models are."""
    path = flow.data.get("path") if flow.data is not None else None
    if flow.data is None or not isinstance(path, str):
        return flow.data
    beside = flow.path.parent.absolute() / path
    return {**flow.data, "path": str(beside if os.path.lexists(beside) else Path(path).absolute())}


def _executor(name: str) -> str:
    if name in {"process", "ray", "auto"} or ":" in name:
        return name
    raise FlowError(
        f"there is no executor {name!r}",
        where="--executor",
        allowed="process, ray, or a Ray cluster's address such as HEAD:6379",
        meant=nearest(name, ("process", "ray")),
    )


def _device(name: str) -> str:
    if name == "cpu":
        return name
    kind, _, number = name.partition(":")
    if name != "auto" and (kind != "cuda" or not (number or "0").isdecimal()):
        raise FlowError(f"there is no device {name!r}", where="--device", allowed="cpu, cuda, cuda:1 or auto")
    try:
        import torch
    except ImportError as error:
        raise ToolMissing(
            "torch is not installed", where=f"--device {name}", hint="pip install drawplate[torch]"
        ) from error
    count = torch.cuda.device_count()
    if name == "auto":
        return "cuda" if count else "cpu"
    if int(number or 0) >= count:
        raise FlowError(
            f"has no such device: torch sees {count} of them", where=f"--device {name}", hint="use cpu or auto"
        )
    return name
