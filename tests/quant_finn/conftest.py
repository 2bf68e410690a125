# SPDX-License-Identifier: Apache-2.0
"""Shared fixtures: the FINN+ tool, started once."""

from __future__ import annotations

import pytest

from drawplate import ToolMissing
from drawplate.toolenv import start
from drawplate_quant_finn.lower import tools


@pytest.fixture(scope="session")
def finn():
    """Return the FINN+ tool; its environment is made on first use."""
    (spec,) = tools()
    tool = start(spec)
    try:
        tool.call("probe", timeout=600)
    except ToolMissing as error:
        pytest.skip(str(error))
    return tool
