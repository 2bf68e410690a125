# SPDX-License-Identifier: Apache-2.0
"""A kind of layer that a plugin from outside contributes goes all the way, and nothing else knows of it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from simulators import needs_simulator

from drawplate import Form, ModelError
from drawplate.errors import BrokenPlugin
from drawplate.job import Request
from drawplate.plugins import Plugins
from drawplate.testing import make_runner
from drawplate_dataflow.network import golden
from drawplate_dataflow.reading import read
from drawplate_dataflow.reading.kinds import known_kinds

PLUGIN = Path(__file__).parents[3] / "docs" / "examples" / "layer_invert" / "invert.py"
MODEL = """
    <ir_version: 9, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
    g (float[1, 3, 4, 4] input) => (float[1, 2] logits) {
        image = Transpose <perm = [0, 2, 3, 1]> (input)
        [odd] negative = finn.custom_op.fpgadataflow.Invert <PE = 1, inputDataType = "UINT3"> (image)
        flat = Flatten (negative)
        [dense] logits = finn.custom_op.fpgadataflow.MVAU <PE = 1, SIMD = 1, noActivation = 1, inputDataType = "UINT3",
            weightDataType = "INT3", outputDataType = "INT12"> (flat, weights)
    }
"""
WEIGHTS = np.random.default_rng(0).integers(-3, 4, (48, 2))


def model():
    proto = onnx.parser.parse_model(MODEL)
    proto.graph.initializer.append(onnx.numpy_helper.from_array(WEIGHTS.astype(np.float32), "weights"))
    return proto


@pytest.fixture
def kinds():
    return Plugins([PLUGIN]).contributions("dataflow_layers")


def test_it_is_read_and_computed(kinds):
    network = read(model(), kinds)
    assert [layer.kind for layer in network.layers] == ["Invert", "MatMul"]
    codes = np.random.default_rng(1).integers(0, 8, (5, 3, 4, 4))
    expected = (7 - codes.transpose(0, 2, 3, 1).reshape(5, -1)) @ WEIGHTS
    assert (golden.outputs(network, codes) == expected).all()


def test_without_the_plugin_it_is_refused_by_name():
    with pytest.raises(ModelError, match=r"node odd \(Invert\).*no integer layer is known for the operator Invert"):
        read(model(), {})


def test_what_is_no_kind_is_blamed():
    with pytest.raises(BrokenPlugin, match="operator 'Odd'"):
        known_kinds({"Odd": int})


@pytest.mark.verilator
@needs_simulator
def test_it_is_folded_priced_generated_and_simulated(tmp_path):
    """Steps fold and z7020, with the plugin given as a file; every output, and the clocks per frame, as planned."""
    runner = make_runner(tmp_path, plugin_files=[PLUGIN])
    lowered = runner.session.store.put_model(model(), Form.DATAFLOW)
    folded = runner.run(Request(step="fold", subject=lowered, options={"budget": {"lut": 2000}})).artifact
    network = read(folded, runner.plugins.contributions("dataflow_layers"))
    assert network.layers[0].pe > 1
    outcome = runner.run(Request(step="z7020", subject=folded, options={"images": 12, "synthesise": False}))
    assert outcome.build.path("invert.v").is_file()
    whole = {metric.name: metric for metric in outcome.metrics if metric.layer is None}
    assert whole["cycles"].source == "simulated"
    ffs = {metric.layer: metric.value for metric in outcome.metrics if metric.name == "ff"}
    assert ffs["odd"] >= 3 * network.layers[0].pe
