# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Modules with Brevitas' layers enter by their own exporter, compute the same, and train as theirs do."""

import numpy as np
import pytest
import torch
from brevitas import nn as qnn
from brevitas import quant
from brevitas.inject.enum import FloatToIntImplType, RestrictValueType
from torch import nn

from drawplate.door import Wish, put_back, take_in
from drawplate.errors import ModelError
from drawplate.torch import OnnxModule
from drawplate.torch.exporter import Given
from drawplate_quant_finn.from_brevitas.exporter import BrevitasExporter
from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.training.torch_ops import handlers

SHAPE = (2, 8, 8)


def items(count):
    return np.random.default_rng(count).normal(size=(count, *SHAPE)).astype(np.float32)


def entered(module, shape=SHAPE, *, data=True, fed=False):
    """Return the model, as a module too, and what was said."""
    exporter = BrevitasExporter()
    assert exporter.takes(module)
    found = exporter.export(module, Given(shape=shape, seed=0, fed=fed, items=items if data else None))
    proto = take_in(found.proto, Wish(keep_dropout=True)).proto
    return proto, OnnxModule(put_back(proto), handlers()).eval(), found.notes


def trained_names(module):
    return set(module._program.trained)


class Residual(nn.Module):
    """A shared identity before an addition, scales per channel, a quantized bias, a layer that is called twice."""

    def __init__(self):
        super().__init__()
        self.given = qnn.QuantIdentity(return_quant_tensor=True)
        self.first = qnn.QuantConv2d(2, 4, 3, padding=1, weight_bit_width=4, weight_scaling_per_output_channel=True)
        self.shared = qnn.QuantIdentity(bit_width=4, return_quant_tensor=True)
        self.act = qnn.QuantReLU(bit_width=4, return_quant_tensor=True)
        self.pool = qnn.TruncAvgPool2d(2, bit_width=4)
        self.drop = nn.Dropout(0.3)
        self.last = qnn.QuantLinear(64, 10, bias=True, weight_bit_width=4, bias_quant=quant.Int8Bias)

    def forward(self, x):
        x = self.given(x)
        x = self.act(self.shared(self.first(x)) + self.shared(self.first(-x)))
        return self.last(self.drop(self.pool(x)).flatten(1))


def test_a_residual_with_a_shared_scale_enters_whole():
    torch.manual_seed(0)
    module = Residual()
    proto, network, notes = entered(module)
    x = torch.from_numpy(items(32))
    with torch.no_grad():
        torch.testing.assert_close(network(x), module.eval()(x), atol=1e-5, rtol=1e-5)
    assert notes == (
        "ranges of 3 activations found with 500 training items",
        "scales of 6 quantizers of Brevitas: 3 trained, 2 following the largest weight, 1 fixed",
    )
    trained = {"first.weight", "last.weight", "last.bias", "given.act_quant.scale", "shared.act_quant.scale"}
    assert trained_names(network) == trained | {"act.act_quant.scale", "first.bias"}
    assert [node.op_type for node in proto.graph.node].count("Dropout") == 1


def layer(kind, **options):
    return nn.Sequential(qnn.QuantIdentity(return_quant_tensor=True), kind(**options), nn.Flatten())


LAYERS = {
    "linear": lambda: nn.Sequential(nn.Flatten(), layer(qnn.QuantLinear, in_features=128, out_features=5, bias=True)),
    "conv": lambda: layer(qnn.QuantConv2d, in_channels=2, out_channels=3, kernel_size=3, stride=2, groups=1),
    "depthwise": lambda: layer(qnn.QuantConv2d, in_channels=2, out_channels=4, kernel_size=3, groups=2),
    "transposed": lambda: layer(qnn.QuantConvTranspose2d, in_channels=2, out_channels=3, kernel_size=2, stride=2),
    "series": lambda: nn.Sequential(
        nn.Flatten(2), layer(qnn.QuantConv1d, in_channels=2, out_channels=3, kernel_size=5)
    ),
    "hard tanh": lambda: layer(qnn.QuantHardTanh, bit_width=3, min_val=-1.0, max_val=1.0),
    "sigmoid": lambda: layer(qnn.QuantSigmoid, bit_width=3),
    "tanh": lambda: layer(qnn.QuantTanh, bit_width=3),
    "max pool": lambda: layer(nn.MaxPool2d, kernel_size=2),
    "average": lambda: layer(qnn.TruncAvgPool2d, kernel_size=2),
    "batch norm": lambda: layer(qnn.BatchNorm2dToQuantScaleBias, num_features=2),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_kind_of_layer_computes_the_same(name):
    torch.manual_seed(1)
    module = LAYERS[name]()
    _, network, _ = entered(module)
    x = torch.from_numpy(items(8))
    with torch.no_grad():
        wanted = module.eval()(x)
        wanted = getattr(wanted, "value", wanted)
        torch.testing.assert_close(network(x), wanted, atol=1e-5, rtol=1e-5)


def weights(quantizer, **options):
    return nn.Sequential(nn.Flatten(), qnn.QuantLinear(128, 6, bias=False, weight_quant=quantizer, **options))


@pytest.mark.parametrize(
    ("quantizer", "trained", "follows"),
    [
        (quant.Int8WeightPerTensorFloat, False, True),
        (quant.Int8WeightPerChannelFloat, False, True),
        (quant.Int8WeightPerChannelFloatMSE, True, False),
        (quant.Int8WeightPerTensorFixedPoint, False, False),
        (quant.SignedBinaryWeightPerTensorConst, False, False),
        (quant.SignedTernaryWeightPerTensorConst, False, False),
        (quant.Int8WeightNormL2PerChannelFixedPoint, True, False),
    ],
)
def test_a_scale_is_trained_follows_the_weights_or_is_fixed_as_in_brevitas(quantizer, trained, follows):
    torch.manual_seed(2)
    module = weights(quantizer)
    proto, network, _ = entered(module)
    assert ("1.weight_quant.scale" in trained_names(network)) is trained
    assert ("ReduceMax" in [node.op_type for node in proto.graph.node]) is follows
    if follows:  # larger weights: the scale is another, in both
        with torch.no_grad():
            module[1].weight *= 3
            network.parameter("1.weight").mul_(3)
            x = torch.from_numpy(items(4))
            torch.testing.assert_close(network(x), module.eval()(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("mode", ["FLOOR", "CEIL", "ROUND_TO_ZERO", "LEARNED_ROUND"])
def test_weights_are_rounded_as_brevitas_rounds_them(mode):
    torch.manual_seed(3)
    options = {"weight_float_to_int_impl_type": FloatToIntImplType[mode]}
    if mode == "LEARNED_ROUND":
        options |= {"weight_learned_round_impl_type": "SIGMOID", "weight_learned_round_init": torch.zeros(6, 128)}
    module = weights(quant.Int8WeightPerTensorFloat, weight_bit_width=3, **options)
    if mode == "LEARNED_ROUND":
        parameter = next(p for name, p in module.named_parameters() if "value" in name)
        parameter.data.uniform_(-3, 3)
    _, network, notes = entered(module)
    x = torch.from_numpy(items(8))
    with torch.no_grad():
        torch.testing.assert_close(network(x), module.eval()(x), atol=1e-5, rtol=1e-5)
    assert any("entered as Brevitas rounds them" in note for note in notes) is (mode == "LEARNED_ROUND")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (lambda: weights(quant.Fp8e4m3WeightPerTensorFloat), r"layer '1\.weight_quant': rounds to floats of few bits"),
        (lambda: weights(quant.MXInt8Weight), r"layer '1\.weight_quant': has one scale per group"),
        (lambda: nn.Sequential(nn.Flatten(2), qnn.QuantLSTM(64, 8)), "layer '1': is a QuantLSTM"),
    ],
)
def test_what_has_no_integers_or_no_qonnx_is_refused_by_layer(module, said):
    with pytest.raises(ModelError, match=said):
        entered(module())


def test_a_model_that_computes_something_else_once_exported_does_not_enter():
    class Sly(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = qnn.QuantLinear(128, 4, bias=True)

        def forward(self, x):
            return self.layer(x.flatten(1)) * (2.0 if torch.onnx.is_in_onnx_export() else 1.0)

    with pytest.raises(ModelError, match="computes something else once exported"):
        entered(Sly())


def test_without_data_ranges_that_have_seen_nothing_are_named():
    module = nn.Sequential(nn.Flatten(), qnn.QuantReLU(bit_width=4), qnn.QuantLinear(128, 4, bias=True))
    _, _, notes = entered(module, data=False)
    assert notes[0] == "1 ranges of activations have seen no data, and the flow has none"


def test_a_checkpoint_of_the_float_network_starts_the_ranges_anew(tmp_path):
    from drawplate.torch.weights import load_weights

    torch.manual_seed(4)
    plain = nn.Sequential(nn.Flatten(), nn.Linear(128, 8), nn.ReLU(), nn.Linear(8, 4))
    torch.save(plain.state_dict(), tmp_path / "float.pt")
    module = nn.Sequential(
        nn.Flatten(),
        qnn.QuantLinear(128, 8, bias=True, weight_quant=quant.Int8WeightPerTensorFloatMSE),
        qnn.QuantReLU(bit_width=8),
        qnn.QuantLinear(8, 4, bias=True),
    )
    exporter = BrevitasExporter()
    notes = load_weights(module, tmp_path / "float.pt", lambda key: exporter.may_lack(module, key))
    assert "has no ranges of" in notes[0]
    _, network, said = entered(module, fed=True)
    assert said[0] == "ranges of 1 activations found with 500 training items"
    x = torch.from_numpy(items(16))
    with torch.no_grad():
        assert (network(x) - plain(x)).abs().max() < 0.1 * plain(x).abs().max()


def test_a_trained_model_keeps_its_ranges():
    torch.manual_seed(5)
    module = nn.Sequential(nn.Flatten(), qnn.QuantLinear(128, 4, bias=True), qnn.QuantReLU(bit_width=4)).train()
    for _ in range(3):
        module(torch.from_numpy(items(8)))
    _, _, notes = entered(module)
    assert notes == ("scales of 2 quantizers of Brevitas: 1 following the largest weight, 1 trained",)


def test_powers_of_two_stay_powers_of_two():
    module = nn.Sequential(
        nn.Flatten(), qnn.QuantReLU(bit_width=4, restrict_scaling_type=RestrictValueType.POWER_OF_TWO)
    )
    proto, _, notes = entered(module)
    assert notes[1] == "scales of 1 quantizers of Brevitas: 1 fixed powers of two"
    scale = Graph(proto).arrays()[next(n.input[1] for n in proto.graph.node if n.op_type == "Quant")]
    assert float(np.log2(scale)).is_integer()
