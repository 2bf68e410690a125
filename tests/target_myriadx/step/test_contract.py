# SPDX-License-Identifier: Apache-2.0
"""The conformance kit, through the real compiler."""

import pytest

from drawplate.testing import StepContract

pytestmark = pytest.mark.myriad


class TestMyriadX(StepContract):
    step = "myriadx"

    @pytest.fixture
    def options(self):
        return {"limit": 20}


class TestOak(TestMyriadX):
    @pytest.fixture
    def options(self):
        return {"device": "oak", "accuracy": False}
