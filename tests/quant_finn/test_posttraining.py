# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Post-training quantization: Brevitas' algorithms on the graph, layer by layer."""

import numpy as np
import onnx
import pytest
import torch

from drawplate import Form
from drawplate.data import Normalisation
from drawplate.job import Request
from drawplate.testing import make_runner
from drawplate.torch import OnnxModule
from drawplate.zoo import build_model
from drawplate_quant_finn.graph import Graph, prepare
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.posttraining.bias import correct_bias
from drawplate_quant_finn.posttraining.equalize import equalized
from drawplate_quant_finn.posttraining.layer import layer_of
from drawplate_quant_finn.posttraining.rounding import METHODS
from drawplate_quant_finn.posttraining.taps import Taps
from drawplate_quant_finn.quantizing.network import quantized
from drawplate_quant_finn.quantizing.sites import find_sites
from drawplate_quant_finn.training.torch_ops import handlers

UNIT = Normalisation((0.0,), (1.0,))
SHAPES = {"mlp": (1, 8, 8), "cnv": (3, 32, 32), "resnet8x4": (3, 16, 16)}


def bytes_of(shape, count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def network(name="mlp"):
    """A float model with BatchNormalization that is not that of a fresh one."""
    options = {"hidden": (24, 16)} if name == "mlp" else {}
    proto = build_model(name, options, shape=SHAPES[name], classes=10, seed=0)
    random = np.random.default_rng(1)
    for node in proto.graph.node:
        if node.op_type == "BatchNormalization":
            for tensor in proto.graph.initializer:
                if tensor.name in node.input[1:]:
                    value = random.uniform(0.2, 2, tuple(tensor.dims)).astype(np.float32)
                    tensor.CopyFrom(onnx.numpy_helper.from_array(value, tensor.name))
    prepare(proto)
    return proto


def made(proto, **options):
    """Return the quantized model, its float one and where its weights are."""
    options = QuantizeOptions(**{"weight_bits": 3, "act_bits": 4, "rounding": "gptq", **options})
    plain = type(proto)()
    plain.CopyFrom(proto)
    shape = tuple(size.dim_value for size in proto.graph.input[0].type.tensor_type.shape.dim[1:])
    return quantized(proto, options, UNIT, bytes_of(shape, 64)), plain, find_sites(plain, options).weights


def items(proto, count=128):
    shape = tuple(size.dim_value for size in proto.graph.input[0].type.tensor_type.shape.dim[1:])
    return torch.from_numpy(UNIT.apply(bytes_of(shape, count, seed=3)))


@pytest.mark.parametrize("how", ["weights", "activations"])
@pytest.mark.parametrize("name", ["mlp", "resnet8x4"])
def test_equalizing_changes_no_output_and_evens_out_the_weights(name, how):
    proto = network(name)
    x = items(proto, 8)
    before = OnnxModule(proto, handlers()).eval()(x)
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    assert equalized(proto, how, x) >= 2
    torch.testing.assert_close(OnnxModule(proto, handlers()).eval()(x), before, atol=1e-4, rtol=1e-4)
    changed = {
        tensor.name
        for tensor in proto.graph.initializer
        if not np.array_equal(onnx.numpy_helper.to_array(tensor), weights[tensor.name])
    }
    assert len(changed) >= 4


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scales", ["tensor", "channel"])
def test_a_layer_computes_more_nearly_what_it_did_and_its_weights_lie_on_the_grid(method, scales):
    proto, plain, sites = made(network(), scales=scales)
    x, site = items(proto), sites[1]
    graph = Graph(proto)
    layer = layer_of(graph, site)
    name = next(node.output[0] for node in graph.nodes if node.name == site.layer)
    exact = Taps(plain, x)
    wanted = torch.cat(list(exact.values(name)))
    before = (torch.cat(list(Taps(proto, x).values(name))) - wanted).square().mean()
    weights = METHODS[method](layer, Taps(proto, x), exact, 0)
    codes = weights / layer.scale
    assert (codes - codes.round()).abs().max() < 1e-3
    assert codes.abs().max() <= site.grid.high + 1e-3
    layer.write(graph, weights)
    after = (torch.cat(list(Taps(proto, x).values(name))) - wanted).square().mean()
    assert after < before


def test_gptq_of_a_convolution_takes_its_border_and_stride():
    proto, _, sites = made(network("resnet8x4"))
    graph, x = Graph(proto), items(proto, 16)
    site = sites[3]
    layer = layer_of(graph, site)
    assert layer.convolves
    name = layer.node.output[0]
    with torch.no_grad():
        taken = torch.cat([layer.padded(batch) for batch in Taps(proto, x).inputs(site.layer)])
        torch.testing.assert_close(
            layer.module()(taken), torch.cat(list(Taps(proto, x).values(name))), atol=1e-4, rtol=1e-4
        )


def test_a_corrected_layer_is_right_on_average():
    proto, plain, sites = made(network(), rounding="nearest", correct_bias=True)
    x, graph = items(proto), Graph(proto)
    norm = next(node for node in graph.nodes if node.op_type == "BatchNormalization")

    def means():
        return [torch.cat(list(taps.values(norm.output[0]))).mean(0) for taps in (Taps(proto, x), Taps(plain, x))]

    first, exact = means()
    assert (first - exact).abs().max() > 1e-3
    assert correct_bias(graph, sites[0].layer, Taps(proto, x), Taps(plain, x))
    second, _ = means()
    torch.testing.assert_close(second, exact, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("ranges", ["percentile", "largest"])
def test_ranges_of_activations(ranges):
    proto, plain, _ = made(network(), act_bits=8, act_ranges=ranges, rounding="nearest")
    arrays, taps = Graph(proto).arrays(), Taps(plain, torch.from_numpy(UNIT.apply(bytes_of((1, 8, 8), 64))))
    relu = next(node for node in plain.graph.node if node.op_type == "Relu")
    values = torch.cat(list(taps.values(relu.output[0]))).numpy()
    wanted = values.max() if ranges == "largest" else np.percentile(values, 99.9)
    np.testing.assert_allclose(arrays[f"{relu.name}.scale"] * 255, wanted, rtol=1e-3)


def test_a_flow_rounds_trains_and_lowers(tmp_path):
    runner = make_runner(tmp_path, data={"name": "digits"})
    try:
        proto = build_model("mlp", {"hidden": (24,)}, shape=(1, 8, 8), classes=10, seed=0)
        start = runner.session.store.put_model(proto)
        plain = runner.run(Request(step="fit", subject=start, options={"epochs": 6, "lr": 0.01})).artifact
        found = {}
        for name, more in {
            "nearest": {},
            "gptq": {"rounding": "gptq", "weight_quantizer": "error", "equalize": "weights", "correct_bias": True},
        }.items():
            options = {"weight_bits": 2, "act_bits": 4, **more}
            preview = runner.preview(Request(step="quantize", subject=plain, options=options))
            outcome = runner.run(Request(step="quantize", subject=plain, options=options))
            assert [n.name for n in preview.model.proto().graph.node] == [
                n.name for n in outcome.artifact.proto().graph.node
            ]
            measured = runner.run(Request(step="ort", subject=outcome.artifact, verbs=("measure",)))
            found[name] = measured.metric("top1")
        assert outcome.notes[1:] == (
            "channels of 1 pairs of layers equalized",
            "no bias to correct in head",
        )
        assert found["gptq"] > found["nearest"]
        lowered = runner.run(Request(step="lower", subject=outcome.artifact, options={"finn": False}))
        assert lowered.artifact.form is Form.DATAFLOW
    finally:
        runner.close()
