# SPDX-License-Identifier: Apache-2.0
"""What carries a flow out, made from what a user says of it: the command line and Python start the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from drawplate.errors import FlowError, StoreError, ToolMissing, nearest

if TYPE_CHECKING:
    from drawplate.flow.model import Flow
    from drawplate.reporter import Reporter
    from drawplate.runner import Runner
    from drawplate.store import Store

DEFAULT_STORE: Final = Path(".drawplate")


@frozen(kw_only=True)
class Engine:
    """Where results go, which plugins there are, and what computes."""

    store: Path = DEFAULT_STORE
    plugins: Sequence[Path] = ()
    """Unpackaged plugins."""
    device: str = "cpu"
    """``cpu``, ``cuda``, ``cuda:1`` or ``auto``."""
    workers: int = 0
    """Worker processes; 0 is one per core."""
    executor: str = "process"
    """``process``, ``ray``, or a Ray cluster's address."""

    @contextmanager
    def runner(self, flow: Flow, reporter: Reporter) -> Iterator[Runner]:
        """Make a runner for a flow, and stop its tools at the end.

        Raises:
            FlowError: for a device or an executor that there is none of.
        """
        from drawplate.runner import Runner
        from drawplate.session import Session

        session = Session(
            store=open_store(self.store),
            plugin_files=tuple(path.absolute() for path in self.plugins),
            data=_located(flow),
            device=_device(self.device),
            workers=self.workers or os.cpu_count() or 1,
            executor=_executor(self.executor),
        )
        runner = Runner.of(session, reporter)
        try:
            yield runner
        finally:
            runner.close()


def open_store(path: Path) -> Store:
    """Open a store.

    Raises:
        StoreError: when the path is that of a file.
    """
    from drawplate.store import Store

    if path.exists() and not path.is_dir():
        raise StoreError("is no folder", where=str(path), hint="choose another one with --store")
    return Store(path)


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
