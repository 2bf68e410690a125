# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""A model built and exported with Brevitas' own tools enters like any other: measured, retrained, lowered."""

import itertools

import onnx
import pytest
import torch
from brevitas import nn as quantized_nn
from brevitas.export import export_qonnx
from torch import nn

from drawplate import Form
from drawplate.job import Request
from drawplate.testing import make_runner

SIZES = (64, 32, 32)


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [quantized_nn.QuantIdentity(bit_width=8, return_quant_tensor=True)]
        for given, made in itertools.pairwise(SIZES):
            layers += [
                quantized_nn.QuantLinear(given, made, bias=False, weight_bit_width=3),
                nn.BatchNorm1d(made),
                quantized_nn.QuantReLU(bit_width=3),
            ]
        self.layers = nn.Sequential(*layers, quantized_nn.QuantLinear(SIZES[-1], 10, bias=False, weight_bit_width=3))

    def forward(self, x):
        return self.layers(x.flatten(1))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """For one image per call, as exporters do it, with the weights listed among the inputs."""
    pytest.importorskip("onnxoptimizer")
    torch.manual_seed(0)
    model = Perceptron().train()
    for _ in range(20):
        model(torch.rand(64, 1, 8, 8) * 2 - 1)
    path = tmp_path_factory.mktemp("brevitas") / "perceptron.onnx"
    export_qonnx(model.eval(), torch.rand(1, 1, 8, 8), export_path=str(path))
    return model, onnx.load(path)


def test_it_computes_what_brevitas_computes(exported):
    from drawplate.torch import OnnxModule

    model, proto = exported
    images = torch.rand(32, 1, 8, 8) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(OnnxModule(proto).eval()(images), model(images), atol=1e-5, rtol=1e-5)


def test_it_is_measured_retrained_and_lowered(exported, tmp_path):
    _, proto = exported
    runner = make_runner(tmp_path, data={"name": "digits"})
    try:
        subject = runner.session.store.put_model(proto, None, ())
        assert subject.form is Form.QONNX
        before = runner.run(Request(step="ort", subject=subject, verbs=("measure",))).metric("top1")
        trained = runner.run(Request(step="fit", subject=subject, options={"epochs": 8, "lr": 0.01})).artifact
        after = runner.run(Request(step="ort", subject=trained, verbs=("measure",))).metric("top1")
        assert after > 80 > before
        lowered = runner.run(Request(step="lower", subject=trained))
        assert lowered.artifact.form is Form.DATAFLOW
        assert f"{after:.2f} % as QONNX" in lowered.notes[0]
    finally:
        runner.close()
