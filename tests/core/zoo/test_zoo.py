# SPDX-License-Identifier: Apache-2.0
"""The zoo's models are the published ones: parameters, multiply-accumulates, names, initial weights."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from drawplate.count import count_macs, count_parameters, infer_shapes
from drawplate.errors import FlowError
from drawplate.zoo import build_model

CIFAR = (3, 32, 32)
ALL = ("mlp", "flexstudent", "resnet8x4", "resnet32x4", "resnet20", "resnet56", "mobilenetv2", "cnv", "kws", "resnet8")

# Parameters with 10 and with 100 classes; millions of MACs at 32x32, rounded, with one or the other.
TABLE = [
    ("resnet8x4", {}, 1_210_410, 1_233_540, 177.1),
    ("resnet32x4", {}, 7_410_730, 7_433_860, 1083.0),
    ("mobilenetv2", {}, 697_546, 812_836, 6.5),
    ("mobilenetv2", {"width": 1.0}, 2_237_770, 2_353_060, 22.3),
    ("mobilenetv2", {"width": 1.0, "stem_stride": 1}, 2_237_770, 2_353_060, 89.1),
    ("resnet20", {}, 272_474, 278_324, 40.8),
    ("resnet56", {}, 855_770, 861_620, 125.8),
    ("flexstudent", {}, 357_514, 369_124, 10.6),
]


def built(name, options=None, *, shape=CIFAR, classes=10, seed=0) -> onnx.ModelProto:
    return build_model(name, options or {}, shape=shape, classes=classes, seed=seed)


@pytest.mark.parametrize(("name", "options", "ten", "hundred", "mega_macs"), TABLE)
def test_parameters_and_macs(name, options, ten, hundred, mega_macs):
    small, large = built(name, options), built(name, options, classes=100)
    assert (count_parameters(small), count_parameters(large)) == (ten, hundred)
    assert mega_macs in {round(count_macs(model) / 1e6, 1) for model in (small, large)}


def test_the_mlp_of_the_paper():
    model = built("mlp", shape=(1, 28, 28))
    weights = [784 * 256, 256 * 256, 256 * 256, 256 * 10]
    assert count_macs(model) == sum(weights)
    assert count_parameters(model) == sum(weights) + 3 * 2 * 256
    assert [node.op_type for node in model.graph.node] == [
        "Flatten",
        *["MatMul", "BatchNormalization", "Relu"] * 3,
        "MatMul",
    ]


@pytest.mark.parametrize(
    ("name", "shape", "classes", "parameters", "mega_macs"),
    [
        # Banbury et al. 2021, arXiv 2106.07597, table 1, and its Keras models: their parameters that are trained, less
        # the biases before a BatchNormalization, which the zoo leaves out; resnet8 normalises its skips instead.
        ("resnet8", (3, 32, 32), 10, 78_186 - 336 + 192, 12.5),
        ("dscnn", (1, 49, 10), 12, 23_756 - 576, 2.7),
        ("mobilenetv1", (3, 96, 96), 2, 216_322 - 2_736, 7.5),
        ("autoencoder", (640,), 640, 267_928 - 1_032, 0.3),
    ],
)
def test_the_networks_of_mlperf_tiny(name, shape, classes, parameters, mega_macs):
    model = built(name, shape=shape, classes=classes)
    found = count_parameters(model), round(count_macs(model) / 1e6, 1)
    assert found == (parameters, mega_macs)
    assert infer_shapes(model)["logits"][1:] == (classes,)


def test_cnv_of_finn():
    """Umuroglu et al., FPGA 2017: 57.2 million multiply-accumulates in the convolutions, 1.5 million weights."""
    model = built("cnv")
    convolutions = 3 * 64, 64 * 64, 64 * 128, 128 * 128, 128 * 256, 256 * 256
    sizes = 30, 28, 12, 10, 3, 1
    dense = 256 * 512 + 512 * 512 + 512 * 10
    assert count_macs(model) == sum(9 * c * s * s for c, s in zip(convolutions, sizes, strict=True)) + dense
    assert count_parameters(model) == 9 * sum(convolutions) + dense + 2 * (64 * 2 + 128 * 2 + 256 * 2 + 512 * 2)


@pytest.mark.parametrize("name", ALL)
def test_contract(name):
    model = built(name)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 13)]
    (images,), (logits,) = model.graph.input, model.graph.output
    assert (images.name, logits.name) == ("input", "logits")
    dims = images.type.tensor_type.shape.dim
    assert dims[0].dim_param == "N"
    assert tuple(dim.dim_value for dim in dims[1:]) == CIFAR
    names = [node.name for node in model.graph.node]
    assert len(set(names)) == len(names)
    assert all(names)
    assert "BatchNormalization" in {node.op_type for node in model.graph.node}
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    assert inferred.graph.output[0].type.tensor_type.shape.dim[1].dim_value == 10


def test_names_are_readable():
    names = {node.name for node in built("resnet8x4").graph.node}
    assert {"stem", "stage1.block0.conv1", "stage2.block0.skip", "stage3.block0.add", "head"} <= names


@pytest.mark.parametrize("name", ALL)
def test_the_seed_alone_decides_the_weights(name):
    first, again, other = built(name, seed=4), built(name, seed=4), built(name, seed=5)
    assert first.SerializeToString(deterministic=True) == again.SerializeToString(deterministic=True)
    assert first != other
    del first.graph.initializer[:], other.graph.initializer[:]
    assert first == other


def test_initial_weights_are_uniform_within_one_over_root_fan_in():
    arrays = {t.name: numpy_helper.to_array(t) for t in built("flexstudent").graph.initializer}
    for name, fan_in in {"conv2.weight": 32 * 9, "conv2.bias": 32 * 9, "fc1.weight": 2048, "head.bias": 128}.items():
        bound = 1 / math.sqrt(fan_in)
        assert np.abs(arrays[name]).max() <= bound
        if arrays[name].size > 1000:
            assert arrays[name].std() == pytest.approx(bound / math.sqrt(3), rel=0.02)
    assert (arrays["conv1.norm.weight"] == 1).all()
    assert (arrays["conv1.norm.running_mean"] == 0).all()


@settings(max_examples=25, deadline=None)
@given(
    channels=st.lists(st.integers(1, 12), min_size=1, max_size=5),
    fc_layers=st.integers(1, 3),
    neurons=st.integers(1, 20),
    dropout=st.sampled_from([0.0, 0.3]),
    size=st.integers(4, 33),
)
def test_every_flexstudent_is_a_valid_model(channels, fc_layers, neurons, dropout, size):
    options = {
        "conv_layers": len(channels),
        "channels": channels,
        "fc_layers": fc_layers,
        "neurons": neurons,
        "dropout": dropout,
    }
    model = built("flexstudent", options, shape=(3, size, size), classes=7)
    onnx.checker.check_model(model, full_check=True)
    shapes = infer_shapes(model)
    assert shapes["logits"] == (1, 7)
    kinds = [node.op_type for node in model.graph.node]
    assert kinds.count("Conv") == len(channels)
    assert kinds.count("Gemm") == fc_layers
    assert kinds.count("Dropout") == (fc_layers - 1 if dropout else 0)


@pytest.mark.parametrize(
    ("name", "options", "shape", "message"),
    [
        ("cnv", {}, (1, 8, 8), "too small"),
        ("flexstudent", {"channels": [8, 16]}, CIFAR, "channels has 2 entries for 3 layers"),
        ("mlp", {"hidden": [0]}, CIFAR, "hidden"),
        ("mlp", {"activation": "swish"}, CIFAR, "relu"),
        ("mobilenetv2", {"stem_stride": 3}, CIFAR, "stem_stride"),
        ("resnet8x5", {}, CIFAR, "resnet8x4"),
        ("mlp", {"hiden": [4]}, CIFAR, "hidden"),
    ],
)
def test_what_cannot_be_built_is_refused(name, options, shape, message):
    with pytest.raises(FlowError, match=message):
        built(name, options, shape=shape)


@pytest.mark.parametrize(("kind", "operator"), [("relu", "Relu"), ("tanh", "Tanh"), ("hardtanh", "Clip")])
def test_activations_of_the_mlp(kind, operator):
    model = built("mlp", {"hidden": [8], "activation": kind})
    assert [node.op_type for node in model.graph.node].count(operator) == 1


# counting -------------------------------------------------------------------------------------------------------------


COUNTED = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
counted (float[N,4,8,8] x) => (float[N,6] y)
<float s = {0.5}, float z = {0}, float n = {4}>
{
    c = Conv<group = 2, strides = [2, 2], pads = [1, 1, 1, 1]>(x, w, b)
    t = Conv<group = 8>(c, d)
    f = Flatten(t)
    q = qonnx.custom_op.general.Quant<signed = 1, narrow = 1, rounding_mode = "ROUND">(m, s, z, n)
    y = MatMul(f, q)
}
"""


def test_groups_strides_and_quantizers_are_counted_right():
    model = onnx.parser.parse_model(COUNTED)
    for name, size in {"w": (8, 2, 3, 3), "b": (8,), "d": (8, 1, 2, 2), "m": (72, 6)}.items():
        model.graph.initializer.append(numpy_helper.from_array(np.ones(size, np.float32), name))
    assert count_macs(model) == 8 * 4 * 4 * 2 * 9 + 8 * 3 * 3 * 4 + 72 * 6
    assert count_parameters(model) == 144 + 8 + 32 + 432  # no scale, zero point, bit width


def test_importing_the_zoo_loads_neither_numpy_nor_onnx():
    program = "import sys, drawplate.zoo, drawplate.data; print(*({'numpy', 'onnx', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_more_weights_than_a_file_holds_are_refused_before_they_are_drawn():
    with pytest.raises(FlowError, match=r"(?s)'fc2.weight': would have 64,\d+,\d+,\d+ weights.*at most 268,435,456"):
        build_model("mlp", {"hidden": [64, 10**9]}, shape=(1, 8, 8), classes=10, seed=0)
