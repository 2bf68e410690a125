# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - tests what runs in FINN+'s tool environment
"""FINN's passes are applied until nothing changes, and no longer where they undo each other."""

import importlib.util
from pathlib import Path

import pytest
from onnx import parser
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.composed import ComposedTransformation

import drawplate_quant_finn

SOURCE = Path(drawplate_quant_finn.__file__).parent / "finn_tool" / "sparing.py"


@pytest.fixture
def sparing():
    spec = importlib.util.spec_from_file_location("sparing", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Becomes(Transformation):
    """Turns the first node of one kind into another."""

    def __init__(self, before, after):
        super().__init__()
        self.before, self.after = before, after

    def apply(self, model):
        for node in model.graph.node:
            if node.op_type == self.before:
                node.op_type = self.after
                return model, True
        return model, False


def network():
    text = "g (float[1, 4] x) => (float[1, 4] y) { a = Relu(x) b = Relu(a) y = Abs(b) }"
    return ModelWrapper(parser.parse_model(f'<ir_version: 8, opset_import: ["" : 13]> {text}'))


def test_passes_that_end_are_applied_to_the_end(sparing):
    model = network().transform(
        sparing.Sparing(ComposedTransformation([Becomes("Relu", "Neg"), Becomes("Neg", "Exp")]))
    )
    assert [node.op_type for node in model.graph.node] == ["Exp", "Exp", "Abs"]


def test_passes_that_undo_each_other_are_told(sparing):
    circle = ComposedTransformation([Becomes("Relu", "Neg"), Becomes("Neg", "Relu")])
    with pytest.raises(sparing.NeverEnds, match=r"undo each other without end \(Becomes, Becomes\)"):
        network().transform(sparing.Sparing(circle))
