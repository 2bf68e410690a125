# SPDX-License-Identifier: Apache-2.0
"""One training step of ours and of Brevitas' modules, from the same weights: outputs and gradients."""

import importlib.util
from pathlib import Path

import pytest
from tests.quant_finn.parity import forty, steps

NEAR = 1e-6
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compared():
    return steps()


def test_there_are_forty():
    assert len(forty()) == 40


@pytest.mark.parametrize("name", forty())
def test_a_step_is_brevitas_own(compared, name):
    step = compared[name]
    assert step.outputs < NEAR
    assert step.inputs < NEAR
    assert step.weights is None or step.weights < NEAR
    assert step.scale is None or step.scale < NEAR


def test_the_page_of_evidence_is_current():
    spec = importlib.util.spec_from_file_location("generate_brevitas", ROOT / "docs" / "generate_brevitas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run python docs/generate_brevitas.py"
