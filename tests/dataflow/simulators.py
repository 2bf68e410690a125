# SPDX-License-Identifier: Apache-2.0
"""What a test needs that simulates hardware."""

from __future__ import annotations

import pytest

from drawplate.errors import ToolMissing
from drawplate_dataflow.simulate.verilate import compiler, verilator


def simulates() -> bool:
    """Whether Verilator and a C++ compiler are here."""
    try:
        verilator(), compiler()
    except ToolMissing:
        return False
    return True


needs_simulator = pytest.mark.skipif(not simulates(), reason="needs Verilator and a C++ compiler")
