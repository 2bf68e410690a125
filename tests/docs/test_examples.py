# SPDX-License-Identifier: Apache-2.0
"""Programs of the docs run."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_loop_of_ones_own_trains_what_drawplate_quantized(tmp_path):
    result = load(EXAMPLES / "own_loop" / "own_loop.py").main("ort", epochs=3, store=tmp_path)
    assert result.metrics.value("top1") > 80
    assert any(node.op_type == "Quant" for node in result.artifact.proto().graph.node)


@pytest.mark.slow
@pytest.mark.verilator
@pytest.mark.yosys
def test_what_it_trained_becomes_hardware(tmp_path):
    result = load(EXAMPLES / "own_loop" / "own_loop.py").main("z7020", epochs=5, store=tmp_path)
    assert result.metrics.value("z7020.fits") == 1
    assert result.metrics["z7020.top1"].source == "simulated"
