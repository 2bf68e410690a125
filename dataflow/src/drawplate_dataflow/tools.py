# SPDX-License-Identifier: Apache-2.0
"""What simulation needs beside the packages from PyPI: for the ``tools`` hook of a target's step."""

from __future__ import annotations

from typing import Final

from drawplate.toolenv import SystemTool

CXX: Final = SystemTool(
    name="cxx",
    summary="C++ compiler, for simulation with Verilator",
    commands=("g++",),
    hint="install g++ with the system's package manager, e.g. apt-get install g++",
)
