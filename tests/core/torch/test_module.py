# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
import copy

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate.errors import ModelError
from drawplate.torch import OnnxModule, Op
from drawplate.zoo import build_model


def run_onnxruntime(proto, x):
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def check_laws(proto, shape, seed=0):
    module = OnnxModule(proto, {}).eval()
    assert module.to_onnx().SerializeToString(deterministic=True) == proto.SerializeToString(deterministic=True)
    x = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    with torch.no_grad():
        ours = module(torch.from_numpy(x)).numpy()
    theirs = run_onnxruntime(proto, x)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)


ZOO = [
    ("mlp", {}, (1, 28, 28)),
    ("mlp", {"hidden": [8], "activation": "hardtanh"}, (1, 8, 8)),
    ("flexstudent", {}, (3, 32, 32)),
    ("flexstudent", {"conv_layers": 5, "fc_layers": 3, "channels": [4, 5, 6, 7, 8], "dropout": 0.5}, (3, 32, 32)),
    ("resnet8x4", {}, (3, 32, 32)),
    ("resnet20", {}, (3, 32, 32)),
    ("resnet32x4", {}, (3, 32, 32)),
    ("mobilenetv2", {}, (3, 32, 32)),
    ("mobilenetv2", {"activation": "relu6", "stem_stride": 1}, (3, 32, 32)),
    ("cnv", {"width": 0.25}, (3, 32, 32)),
    ("kws", {}, (1, 49, 10)),
    ("mlp", {"hidden": [8], "bias": True}, (5,)),
]


@pytest.mark.parametrize(("name", "arguments", "shape"), ZOO, ids=[f"{n}{i}" for i, (n, *_) in enumerate(ZOO)])
def test_laws_hold_for_the_zoo(name, arguments, shape):
    check_laws(build_model(name, arguments, shape=shape, classes=10, seed=1), (2, *shape))


# Each entry is a graph body over ``x`` (float[N,4,8,8]) with its opset, as a reader of ONNX text sees it.
GRAPHS = {
    "relu9": (9, "y = Relu(x)"),
    "leaky": (13, "y = LeakyRelu<alpha = 0.2>(x)"),
    "clip9": (9, "y = Clip<min = -0.5, max = 0.5>(x)"),
    "clip13": (13, "lo = Constant<value_float = -0.5>() hi = Constant<value_float = 1.0>() y = Clip(x, lo, hi)"),
    "clip low only": (13, "lo = Constant<value_float = 0.0>() y = Clip(x, lo)"),
    "hardswish": (14, "y = HardSwish(x)"),
    "hardsigmoid": (13, "y = HardSigmoid<alpha = 0.3>(x)"),
    "sigmoid tanh": (13, "a = Sigmoid(x) b = Tanh(x) y = Mul(a, b)"),
    "softmax11": (11, "y = Softmax<axis = 1>(x)"),
    "softmax13": (13, "y = Softmax<axis = 1>(x)"),
    "logsoftmax": (13, "y = LogSoftmax<axis = -1>(x)"),
    "elu selu": (13, "a = Elu<alpha = 0.7>(x) y = Selu(a)"),
    "gelu": (20, "y = Gelu(x)"),
    "mish": (18, "y = Mish(x)"),
    "erf": (13, "y = Erf(x)"),
    "softplus": (13, "a = Softplus(x) y = Softsign(a)"),
    "maxpool": (13, "y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(x)"),
    "maxpool asymmetric": (13, "y = MaxPool<kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 1, 1]>(x)"),
    "maxpool same": (13, 'y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], auto_pad = "SAME_UPPER">(x)'),
    "maxpool dilated": (13, "y = MaxPool<kernel_shape = [2, 2], dilations = [2, 2]>(x)"),
    "avgpool": (13, "y = AveragePool<kernel_shape = [2, 2], strides = [2, 2]>(x)"),
    "avgpool pads": (13, "y = AveragePool<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(x)"),
    "avgpool counted": (13, "y = AveragePool<kernel_shape = [3, 3], pads = [1, 1, 1, 1], count_include_pad = 1>(x)"),
    "avgpool asymmetric": (13, "y = AveragePool<kernel_shape = [3, 3], pads = [0, 0, 1, 1]>(x)"),
    "global pools": (13, "a = GlobalAveragePool(x) b = GlobalMaxPool(x) y = Add(a, b)"),
    "flatten": (13, "y = Flatten<axis = 1>(x)"),
    "flatten2": (13, "y = Flatten<axis = 2>(x)"),
    "reshape": (13, "s = Constant<value_ints = [0, -1]>() y = Reshape(x, s)"),
    "reshape computed": (
        13,
        (
            "s = Shape(x) z = Constant<value_ints = [0]>() n = Gather(s, z) m = Constant<value_ints = [-1]>() "
            "t = Concat<axis = 0>(n, m) y = Reshape(x, t)"
        ),
    ),
    "transpose": (13, "y = Transpose<perm = [0, 2, 3, 1]>(x)"),
    "squeeze11": (11, "a = ReduceMean<axes = [2, 3]>(x) y = Squeeze<axes = [2, 3]>(a)"),
    "squeeze13": (13, "a = ReduceMean<axes = [2, 3]>(x) i = Constant<value_ints = [2, 3]>() y = Squeeze(a, i)"),
    "unsqueeze11": (11, "y = Unsqueeze<axes = [1]>(x)"),
    "unsqueeze13": (13, "i = Constant<value_ints = [1, -1]>() y = Unsqueeze(x, i)"),
    "reducemean18": (18, "i = Constant<value_ints = [2, 3]>() y = ReduceMean<keepdims = 0>(x, i)"),
    "reducemean all": (13, "y = ReduceMean(x)"),
    "reducesum13": (13, "i = Constant<value_ints = [1]>() y = ReduceSum(x, i)"),
    "reducemax": (13, "y = ReduceMax<axes = [1], keepdims = 0>(x)"),
    "reducel2": (13, "y = ReduceL2<axes = [1]>(x)"),
    "concat": (13, "a = Relu(x) y = Concat<axis = 1>(a, x)"),
    "split11": (11, "a, b = Split<axis = 1, split = [1, 3]>(x) c = Relu(b) y = Concat<axis = 1>(c, a)"),
    "split13": (13, "a, b = Split<axis = 1>(x) y = Sub(a, b)"),
    "slice9": (9, "y = Slice<axes = [2], starts = [1], ends = [6]>(x)"),
    "slice13": (
        13,
        (
            "b = Constant<value_ints = [1]>() e = Constant<value_ints = [-1]>() a = Constant<value_ints = [3]>() "
            "s = Constant<value_ints = [2]>() y = Slice(x, b, e, a, s)"
        ),
    ),
    "pad9": (9, "y = Pad<pads = [0, 0, 1, 2, 0, 0, 2, 1], value = 0.5>(x)"),
    "pad13": (13, "p = Constant<value_ints = [0, 0, 1, 1, 0, 0, 1, 1]>() y = Pad(x, p)"),
    "pad reflect": (13, 'p = Constant<value_ints = [0, 0, 1, 1, 0, 0, 2, 1]>() y = Pad<mode = "reflect">(x, p)'),
    "pad edge": (13, 'p = Constant<value_ints = [0, 0, 0, 1, 0, 0, 0, 1]>() y = Pad<mode = "edge">(x, p)'),
    "resize linear": (
        13,
        (
            "s = Constant<value_floats = [1.0, 1.0, 2.0, 2.0]>() r = Constant<value_floats = [0.0]>() "
            'y = Resize<mode = "linear">(x, r, s)'
        ),
    ),
    "resize nearest": (
        13,
        (
            "s = Constant<value_floats = [1.0, 1.0, 2.0, 2.0]>() r = Constant<value_floats = [0.0]>() "
            'y = Resize<mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor">'
            "(x, r, s)"
        ),
    ),
    "upsample9": (9, 's = Constant<value = float[4] {1.0, 1.0, 2.0, 2.0}>() y = Upsample<mode = "nearest">(x, s)'),
    "arithmetic": (13, "a = Abs(x) b = Sqrt(a) c = Exp(x) d = Div(b, c) e = Neg(d) f = Pow(a, b) y = Sum(d, e, f)"),
    "min max": (13, "a = Neg(x) b = Max(a, x) y = Min(b, x)"),
    "dropout9": (9, "y = Dropout<ratio = 0.4>(x)"),
    "dropout13": (13, "r = Constant<value_float = 0.4>() y = Dropout(x, r)"),
    "cast": (13, "a = Cast<to = 6>(x) y = Cast<to = 1>(a)"),
    "depth to space": (13, 'y = DepthToSpace<blocksize = 2, mode = "CRD">(x)'),
    "where": (13, "z = Constant<value_float = 0.1>() c = Greater(x, z) n = Neg(x) y = Where(c, x, n)"),
    "expand": (13, "a = ReduceMean<axes = [1]>(x) s = Constant<value_ints = [1, 4, 8, 8]>() y = Expand(a, s)"),
    "identity": (13, "a = Identity(x) y = Identity(a)"),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_an_operator_computes_what_onnxruntime_computes(name):
    opset, body = GRAPHS[name]
    proto = onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {opset}]> g (float[2,4,8,8] x) => (float y) {{ {body} }}'
    )
    proto = onnx.shape_inference.infer_shapes(proto)
    for value in proto.graph.output:
        value.type.tensor_type.ClearField("shape")
    check_laws(proto, (2, 4, 8, 8))


CONV = """<ir_version: 8, opset_import: ["" : {opset}]>
g (float[N,{cin},{size},{size}] x) => (float y) {{ y = Conv<{attributes}>(x, w, b) }}"""


@settings(max_examples=40, deadline=None)
@given(
    opset=st.integers(9, 21),
    groups=st.sampled_from([1, 2, 4]),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 2),
    dilation=st.integers(1, 2),
    pads=st.lists(st.integers(0, 2), min_size=4, max_size=4),
    auto=st.sampled_from([None, "SAME_UPPER", "SAME_LOWER", "VALID"]),
    size=st.integers(7, 10),
)
def test_any_convolution(opset, groups, kernel, stride, dilation, pads, auto, size):
    if auto and dilation > 1:
        dilation = 1  # ONNX Runtime refuses SAME with dilation in some versions
    attributes = f"kernel_shape = [{kernel}, {kernel}], strides = [{stride}, {stride}], group = {groups}"
    attributes += f", dilations = [{dilation}, {dilation}]"
    attributes += f', auto_pad = "{auto}"' if auto else f", pads = {pads}"
    proto = onnx.parser.parse_model(CONV.format(opset=opset, cin=4, size=size, attributes=attributes))
    random = np.random.default_rng(0)
    for name, shape in (("w", (8, 4 // groups, kernel, kernel)), ("b", (8,))):
        proto.graph.initializer.append(
            onnx.numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)
        )
    check_laws(proto, (2, 4, size, size))


@settings(max_examples=25, deadline=None)
@given(st.booleans(), st.booleans(), st.floats(0.1, 2), st.floats(0.1, 2), st.integers(9, 21))
def test_any_gemm(trans_a, trans_b, alpha, beta, opset):
    proto = onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {opset}]> g (float[3,4] x) => (float y) '
        f"{{ y = Gemm<alpha = {alpha:.3f}, beta = {beta:.3f}, transA = {int(trans_a)}, transB = {int(trans_b)}>"
        "(x, w, b) }"
    )
    inner = 3 if trans_a else 4
    random = np.random.default_rng(0)
    for name, shape in (("w", (5, inner) if trans_b else (inner, 5)), ("b", (5,))):
        proto.graph.initializer.append(
            onnx.numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)
        )
    check_laws(proto, (3, 4))


NORM = """<ir_version: 8, opset_import: ["" : 13]>
g (float[N,2,4,4] x) => (float[N,2,4,4] y)
<float[2] scale = {1.5, 0.5}, float[2] bias = {0.1, -0.1}, float[2] mean = {0.2, 0.0}, float[2] var = {1.0, 2.0}>
{ y = BatchNormalization<momentum = 0.8>(x, scale, bias, mean, var) }"""


def test_batch_normalization_trains_as_torch_does():
    module = OnnxModule(onnx.parser.parse_model(NORM), {}).train()
    native = torch.nn.BatchNorm2d(2, momentum=0.2)
    values = {"weight": [1.5, 0.5], "bias": [0.1, -0.1], "running_mean": [0.2, 0.0], "running_var": [1.0, 2.0]}
    native.load_state_dict({name: torch.tensor(value) for name, value in values.items()}, strict=False)
    x = torch.randn(8, 2, 4, 4)
    torch.testing.assert_close(module(x), native(x))
    written = {t.name: onnx.numpy_helper.to_array(t) for t in module.to_onnx().graph.initializer}
    np.testing.assert_allclose(written["mean"], native.running_mean.numpy(), rtol=1e-6)
    np.testing.assert_allclose(written["var"], native.running_var.numpy(), rtol=1e-6)
    assert {name for name, _ in module.named_parameters()} == {"0_scale", "1_bias"}


def test_gradients_reach_the_graphs_initializers():
    proto = build_model("flexstudent", {}, shape=(3, 32, 32), classes=10, seed=0)
    module = OnnxModule(proto, {}).train()
    module(torch.randn(4, 3, 32, 32)).square().mean().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0
        for parameter in [module.parameter("conv1.weight"), module.parameter("head.bias")]
    )
    with torch.no_grad():
        module.parameter("head.bias").add_(1)
    changed = {
        after.name
        for before, after in zip(proto.graph.initializer, module.to_onnx().graph.initializer, strict=True)
        if before.SerializeToString() != after.SerializeToString()
    }
    assert "head.bias" in changed
    assert changed <= {t.name for t in proto.graph.initializer if "running" in t.name} | {"head.bias"}


def test_values_can_be_tapped_by_name():
    module = OnnxModule(build_model("resnet8x4", {}, shape=(3, 32, 32), classes=10, seed=0), {}).eval()
    logits, taps = module.forward_with(torch.randn(2, 3, 32, 32), ["stage1.block0.act2", "flat", "logits"])
    assert taps["stage1.block0.act2"].shape == (2, 64, 32, 32)
    assert taps["flat"].shape == (2, 256)
    assert taps["logits"] is logits
    assert module.value_shapes((2, 3, 32, 32))["stage2.block0.act2"] == (2, 128, 16, 16)
    with pytest.raises(ModelError, match=r"did you mean: flat\?"):
        module.forward_with(torch.randn(2, 3, 32, 32), ["falt"])


def test_all_missing_operators_are_named_at_once():
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13, "my.domain" : 1]> g (float[N,4] x) => (float[N,4] y) '
        "{ a = my.domain.Magic(x) b = my.domain.Magic(a) y = NonZero(b) }"
    )
    with pytest.raises(ModelError, match=r"my.domain.Magic \(layer a, b\); NonZero \(layer y\)"):
        OnnxModule(proto, {})


def test_a_third_party_teaches_an_operator_with_a_parameter():
    class Scale(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.extra = torch.nn.Parameter(torch.tensor(2.0))

        def forward(self, x, bits):
            assert bits.item() == 3
            return x * self.extra

    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13, "my.domain" : 1]> g (float[N,4] x) => (float[N,4] y) '
        "<float bits = {3}> { y = my.domain.Magic(x, bits) }"
    )
    module = OnnxModule(proto, {("my.domain", "Magic"): lambda node: Op(Scale(), buffers=(1,))})
    assert [name for name, _ in module.named_parameters()] == ["op0.extra"]
    other = copy.deepcopy(module)
    with torch.no_grad():
        other._modules["op0"].extra.fill_(5)
    assert module(torch.ones(1, 4))[0, 0] == 2
    assert other(torch.ones(1, 4))[0, 0] == 5


def test_an_initializer_cannot_be_weight_and_state():
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[N,2,4,4] x) => (float[N,2,4,4] y) '
        "<float[2] one = {1, 1}, float[2] zero = {0, 0}> { y = BatchNormalization(x, one, zero, zero, one) }"
    )
    with pytest.raises(ModelError, match=r"(?s)'one' is trained in one layer and state in another.*take_in"):
        OnnxModule(proto, {})


def test_dropout_works_in_training_only():
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 9]> g (float[N,100] x) => (float[N,100] y) { y = Dropout<ratio = 0.5>(x) }'
    )
    module = OnnxModule(proto, {})
    assert (module.train()(torch.ones(4, 100)) == 0).float().mean() == pytest.approx(0.5, abs=0.15)
    assert (module.eval()(torch.ones(4, 100)) == 1).all()


FIXED = """<ir_version: 8, opset_import: ["" : 13]>
g (float[1,2,3] x) => (float y) <int64[3] scales = {{1, 2, 1}}, float[2] bias = {{1.0, -1.0}}>
{{ s = Constant<value_ints = {shape}>() b = Reshape(bias, scales) shifted = Add(x, b) y = Reshape(shifted, s) }}"""


@pytest.mark.parametrize(
    ("shape", "given"), [([1, 6], (5, 6)), ([1, -1], (5, 6)), ([1, 3, 2], (5, 3, 2)), ([3, 2], None)]
)
def test_a_graph_of_one_image_per_call_takes_a_batch(shape, given):
    proto = onnx.parser.parse_model(FIXED.format(shape=shape))
    check_laws(proto, (1, 2, 3))
    module, x = OnnxModule(proto, {}).eval(), torch.randn(5, 2, 3)
    if given is None:  # it mixes images: no batch can stand for it
        with pytest.raises(RuntimeError, match="invalid for input of size"):
            module(x)
        return
    with torch.no_grad():
        torch.testing.assert_close(module(x), torch.cat([module(one[None]) for one in x]))
        assert module(x).shape == given


STATISTIC = """<ir_version: 8, opset_import: ["" : 13, "my" : 1]>
g (float[N,3] x) => (float[N,3] y) <float[3] w = {1.0, -4.0, 2.0}>
{ big = Abs(w) scale = ReduceMax<keepdims = 0>(big) y = my.Scaled(x, scale, w) }"""


@pytest.mark.parametrize(("detached", "expected"), [((), [3.0, -3.0, 3.0]), ((1,), [3.0, 0.0, 3.0])])
def test_a_statistic_that_takes_no_gradient_is_computed_without_a_graph(detached, expected):
    """d/dw of sum(x * w) is x; where the scale counts too, its gradient (-1 at -4, three times) is added."""
    seen = []

    def scaled(_node):
        def call(x, scale, w):
            seen.append(scale.requires_grad)
            return x * w + (scale if scale.requires_grad else 0)

        return Op(call, detached=detached)

    module = OnnxModule(onnx.parser.parse_model(STATISTIC), {("my", "Scaled"): scaled})
    x = torch.tensor([[3.0, 0.0, 3.0]])
    module(x).sum().backward()
    assert seen == [not detached]
    assert module.parameter("w").grad.tolist() == expected
    module.zero_grad()
    _, tapped = module.forward_with(x, ["scale"])
    tapped["scale"].backward()
    assert module.parameter("w").grad.tolist() == [0.0, -1.0, 0.0]
