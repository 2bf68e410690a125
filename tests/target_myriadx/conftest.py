# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate.toolenv import start
from drawplate_target_myriadx.tool import MYRIAD


@pytest.fixture(scope="session")
def tool():
    """The compiler's worker."""
    tool = start(MYRIAD)
    yield tool
    tool.close()
