# SPDX-License-Identifier: Apache-2.0
"""The step ``quantize``: where quantizers go, which bits, which scales."""
# ruff: noqa: TID253

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes
from tests.quant_finn.models import cnn, mlp, model, noise

from drawplate import FlowError, ModelError
from drawplate.data import Normalisation
from drawplate.input_codes import input_codes
from drawplate.options import read_options
from drawplate.testing import StepContract
from drawplate.torch import OnnxModule
from drawplate_quant_finn.graph import Graph, is_quantizer
from drawplate_quant_finn.lowering.network import lowering
from drawplate_quant_finn.lowering.proof.compare import compare
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.network import quantized
from drawplate_quant_finn.training.torch_ops import handlers

UNIT = Normalisation((0.0,), (1.0,))


def pixels(count=50, size=4):
    return np.random.default_rng(0).integers(0, 256, (count, 1, size, size), dtype=np.uint8)


def quantize(proto, size=4, normalisation=UNIT, **options):
    return quantized(proto, read_options(QuantizeOptions, options, "test"), normalisation, pixels(size=size))


def run_qonnx(proto, images):
    """Run qonnx's executor, image by image."""
    copy = onnx.ModelProto.FromString(proto.SerializeToString())
    for value in (*copy.graph.input, *copy.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    wrapper = ModelWrapper(copy).transform(InferShapes())
    return np.concatenate([next(iter(execute_onnx(wrapper, {"input": image[None]}).values())) for image in images])


def run_torch(proto, images):
    with torch.no_grad():
        return OnnxModule(proto, handlers()).eval()(torch.from_numpy(images)).numpy()


def quantizers(proto):
    return {node.name: node for node in proto.graph.node if is_quantizer(node)}


def bits_of(proto, name):
    node = quantizers(proto)[name]
    return 1 if node.op_type == "BipolarQuant" else int(Graph(proto).arrays()[node.input[3]])


class TestContract(StepContract):
    step = "quantize"


@pytest.mark.parametrize("quantizer", ["paper", "max", "learned"])
@pytest.mark.parametrize("scales", ["tensor", "channel"])
@pytest.mark.parametrize(("weight_bits", "act_bits"), [(1, 1), (2, 3), (8, 8), (1, 4)])
@pytest.mark.parametrize(("build", "size"), [(mlp, 4), (cnn, 8)])
def test_bridge_and_executor_agree(build, size, weight_bits, act_bits, scales, quantizer):
    proto = quantize(
        build(), size, weight_bits=weight_bits, act_bits=act_bits, scales=scales, weight_quantizer=quantizer
    )
    onnx.checker.check_model(proto, full_check=False)
    images = UNIT.apply(pixels(3, size))
    np.testing.assert_allclose(run_torch(proto, images), run_qonnx(proto, images), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("quantizer", ["max", "learned"])
def test_eight_bits_change_little(quantizer):
    images = UNIT.apply(pixels(20))
    plain = OnnxModule(mlp(), {}).eval()(torch.from_numpy(images)).detach().numpy()
    found = run_torch(quantize(mlp(), weight_bits=8, act_bits=8, weight_quantizer=quantizer), images)
    share = np.abs(found - plain).max() / np.abs(plain).max()
    assert share < (0.02 if quantizer == "max" else 0.2)


def test_weights_lie_on_eq_1():
    proto = quantize(mlp(), weight_bits=3, weight_quantizer="paper")
    module = OnnxModule(proto, handlers()).eval()
    _, values = module.forward_with(torch.zeros(1, 1, 4, 4), ["w1.quantized"])
    maker = Graph(proto).makers()["w1.quantized"]
    scale = Graph(proto).arrays()[maker.input[1]]
    assert np.log2(float(scale)).is_integer()
    codes = values["w1.quantized"].detach().numpy() / float(scale)
    assert set(np.unique(codes)) <= {-3, -2, -1, 0, 1, 2, 3}


def test_max_scale_follows_the_weights():
    module = OnnxModule(quantize(mlp(), weight_bits=3), handlers()).eval()
    with torch.no_grad():
        module.parameter("w1").mul_(10)
    _, values = module.forward_with(torch.zeros(1, 1, 4, 4), ["w1.quantized"])
    largest = module.parameter("w1").detach().abs().max()
    assert values["w1.quantized"].detach().abs().max().item() == pytest.approx(largest.item())


def test_which_scales_are_trained():
    learned = dict(OnnxModule(quantize(mlp(), weight_quantizer="learned"), handlers()).named_parameters())
    fixed = dict(
        OnnxModule(quantize(mlp(), weight_quantizer="paper", act_scales="fixed"), handlers()).named_parameters()
    )
    plain = dict(OnnxModule(mlp(), {}).named_parameters())
    assert len(fixed) == len(plain)
    assert len(learned) == len(plain) + 3


def test_ends_and_patterns():
    named = mlp()
    for node, name in zip(named.graph.node, ("flat", "fc1", "norm", "act", "head"), strict=True):
        node.name = name
    proto = quantize(named, weight_bits=4, act_bits=4, first_bits=8, last_bits=6, layers={"a*": {"act_bits": 2}})
    assert [bits_of(proto, f"{name}.weight_quant") for name in ("fc1", "head")] == [8, 6]
    assert bits_of(proto, "act.act_quant") == 2
    named = quantize_named({"fc*": {"weight_bits": 3, "act_bits": 5}})
    assert bits_of(named, "fc1.weight_quant") == 3
    assert bits_of(named, "act.act_quant") == 5


def quantize_named(layers):
    named = mlp()
    for node, name in zip(named.graph.node, ("flat", "fc1", "norm", "act", "head"), strict=True):
        node.name = name
    return quantize(named, layers=layers)


def test_a_pattern_that_names_nothing():
    with pytest.raises(FlowError, match="'fc9' names no layer") as caught:
        quantize_named({"fc9": {"weight_bits": 3}})
    assert caught.value.meant == "fc1"


def test_nothing_to_quantize():
    with pytest.raises(ModelError, match="nothing to quantize"):
        quantize(model("g (float[N, 1, 4, 4] input) => (float[N, 1, 4, 4] y) { y = Relu(input) }"))


def test_eight_bit_codes_are_the_bytes_of_the_image():
    proto = quantize(mlp())
    codes = input_codes(proto)
    image = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    assert (codes.bits, codes.signed) == (8, False)
    assert (codes.of(UNIT.apply(image)) == image).all()


@pytest.mark.parametrize("bits", range(1, 9))
def test_input_bits(bits):
    codes = input_codes(quantize(mlp(), input_bits=bits))
    found = codes.of(UNIT.apply(np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)))
    assert (codes.bits, codes.signed, found.min(), found.max()) == (bits, False, 0, 2**bits - 1)


def test_pixels_around_zero_are_signed():
    codes = input_codes(quantize(mlp(), normalisation=Normalisation((0.5,), (0.25,))))
    assert (codes.bits, codes.signed) == (8, True)
    assert codes.of(np.float32([-2, 2])).tolist() == [-127, 127]


def test_an_untrained_normalisation_does_not_mislead_the_ranges():
    proto = mlp()
    for tensor in proto.graph.initializer:
        if tensor.name in ("bnm", "bnv"):
            value = np.zeros(12) if tensor.name == "bnm" else np.ones(12)
            tensor.CopyFrom(onnx.numpy_helper.from_array(value.astype(np.float32), tensor.name))
    narrow = quantize(mlp(), act_bits=8)
    fresh = quantize(proto, act_bits=8)
    scale = [next(t for t in p.graph.initializer if t.name.endswith(".scale")) for p in (fresh, narrow)]
    # Batch statistics make sums of variance 1: a range near 3 of them, whatever the weights are.
    assert 0.005 < float(onnx.numpy_helper.to_array(scale[0])) < 0.05
    assert fresh.graph.initializer[4] == proto.graph.initializer[4]


@pytest.mark.parametrize("function", ["Tanh", "Clip", "Sigmoid"])
def test_bounded_functions_have_fixed_scales(function):
    text = """
        g (float[N, 1, 4, 4] input) => (float[N, 4] logits) {
            flat = Flatten(input)  s = MatMul(flat, w1)
            a = %s
            logits = MatMul(a, w2)
        }
    """
    call = "Clip(s, low, high)" if function == "Clip" else f"{function}(s)"
    proto = quantize(
        model(text % call, w1=noise(16, 5), w2=noise(5, 4), low=-1, high=1), act_bits=3, weight_quantizer="paper"
    )
    node = next(node for name, node in quantizers(proto).items() if name.endswith("act_quant"))
    signed = next(a.i for a in node.attribute if a.name == "signed")
    scale = float(Graph(proto).arrays()[node.input[1]])
    assert (signed, scale) == ((0, np.float32(1 / 7)) if function == "Sigmoid" else (1, np.float32(1 / 3)))
    assert not [t for t in proto.graph.initializer if t.name.endswith(".scale")]


def test_both_sides_of_an_addition_share_a_scale():
    proto = quantize(cnn(), 8, act_bits=3)
    addition = next(node for node in proto.graph.node if node.op_type == "Add")
    makers = Graph(proto).makers()
    left, right = (makers[name] for name in addition.input)
    assert left.input[1] == right.input[1]
    assert int(Graph(proto).arrays()[left.input[3]]) == 4


def test_training_learns():
    proto = quantize(mlp(), weight_bits=4, act_bits=4)
    module = OnnxModule(proto, handlers()).train()
    x = torch.from_numpy(UNIT.apply(pixels(64)))
    y = (x.flatten(1)[:, :4]).argmax(1)
    optimizer = torch.optim.Adam(module.parameters(), lr=5e-3)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    images = x[:3].numpy()
    trained = module.to_onnx()
    np.testing.assert_allclose(run_torch(trained, images), run_qonnx(trained, images), rtol=1e-5, atol=1e-5)


def test_an_activation_at_the_end_is_quantized_where_the_flow_names_its_layer():
    """A regression that ends in Sigmoid can be lowered so."""
    text = "g (float[N, 1, 4, 4] input) => (float[N, 1] y) { f = Flatten(input) l = MatMul(f, w) y = Sigmoid(l) }"
    proto = model(text, w=noise(16, 1))
    for node in proto.graph.node:
        node.name = node.output[0]
    copy = onnx.ModelProto.FromString(proto.SerializeToString())
    assert quantize(copy).graph.node[-1].op_type == "Sigmoid"
    ended = quantize(proto, weight_bits=8, layers={"y": {"act_bits": 6}})
    assert ended.graph.node[-1].op_type == "Quant"
    assert [value.name for value in ended.graph.output] == ["y"]
    items = (pixels() / 255).astype(np.float32)
    found = compare(lowering(ended), items)
    expected = 1 / (1 + np.exp(-items.reshape(50, 16).astype(np.float64) @ noise(16, 1)))
    assert np.abs(found.outputs - expected).max() < 0.05
