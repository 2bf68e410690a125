# SPDX-License-Identifier: GPL-3.0-or-later
"""The conformance kit."""

import pytest

from drawplate.testing import StepContract


class TestEvolve(StepContract):
    step = "evolve"

    @pytest.fixture
    def options(self):
        return {
            "space": "channels",
            "population": 3,
            "generations": 2,
            "candidate": [{"use": "fit", "epochs": 1}],
            "objectives": {"error": "min", "macs": "min"},
        }


class TestTune(StepContract):
    step = "tune"

    @pytest.fixture
    def options(self):
        return {
            "candidate": [{"use": "fit", "epochs": 1}],
            "genes": {"fit.lr": [1e-3, 1e-2]},
            "objectives": {"error": "min"},
        }
