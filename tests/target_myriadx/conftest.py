# SPDX-License-Identifier: Apache-2.0
"""The compiler's worker, started once; what needs it is skipped where its environment cannot be made."""

import pytest

from drawplate.errors import ToolMissing
from drawplate.toolenv import start
from drawplate_target_myriadx.tool import MYRIAD


@pytest.fixture(scope="session")
def tool():
    tool = start(MYRIAD)
    try:
        tool.call("probe", timeout=600)
    except ToolMissing as error:
        pytest.skip(str(error))
    yield tool
    tool.close()


@pytest.fixture(autouse=True)
def _compiler(request):
    if request.node.get_closest_marker("myriad"):
        request.getfixturevalue("tool")
