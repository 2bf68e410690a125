# SPDX-License-Identifier: Apache-2.0
"""What every process that works on one run has to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from drawplate.store import Store


@frozen(kw_only=True)
class Session:
    """Where results go, which plugins and data are used, and on what.  Can be sent to a worker process."""

    store: Store
    plugin_files: tuple[Path, ...] = ()
    data: Mapping[str, Any] | None = field(default=None, eq=False)
    """The ``[data]`` table of the flow; None where it has none."""
    device: str = "cpu"
    workers: int = field(default=1)
    """Worker processes for :meth:`drawplate.Job.map`; with 1 the items run in the calling process."""

    executor: str = field(default="process")
    """``process`` for workers on this machine, ``ray`` for a local Ray cluster, or the address of one."""

    def in_worker(self) -> Session:
        """Return the session as a worker sees it: it starts no workers of its own."""
        import attrs

        return attrs.evolve(self, workers=1, executor="process")
