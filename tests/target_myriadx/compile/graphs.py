# SPDX-License-Identifier: Apache-2.0
"""Small graphs in ONNX text: operators, shapes and opsets 9 to 21."""

from __future__ import annotations

import numpy as np
import onnx
from attrs import frozen
from onnx import numpy_helper, parser

IMAGE = "float[N, 8, 12, 12]"
ODD = "float[N, 5, 9, 7]"
VECTOR = "float[N, 24]"
VOLUME = "float[N, 4, 6, 6, 6]"


@frozen
class Graph:
    """One case."""

    name: str
    opset: int
    body: str
    """Nodes from ``x`` to ``y``; names that nothing makes are weights."""
    input: str = IMAGE
    weights: tuple[tuple[str, tuple[int, ...]], ...] = ()
    refused: str | None = None
    """The layer that is refused, where it is."""
    domain: str = ""
    steps: bool = False
    """Whether it rounds: in FP16, a value close to an edge may land on its other side."""

    def __str__(self) -> str:
        return f"{self.name}-{self.opset}"

    def model(self) -> onnx.ModelProto:
        """Parse it, and fill in the weights."""
        imports = [f'"" : {self.opset}', *([f'"{self.domain}" : 1'] if self.domain else [])]
        head = f"<ir_version: 8, opset_import: [{', '.join(imports)}]>"
        proto = parser.parse_model(f"{head} g ({self.input} x) => (float y) {{ {self.body} }}")
        del proto.graph.output[0].type.tensor_type.shape.dim[:]
        proto.graph.output[0].type.tensor_type.ClearField("shape")
        random = np.random.default_rng(1)
        for name, shape in self.weights:
            values = random.uniform(-1, 1, shape) / np.sqrt(max(1, np.prod(shape[1:])))
            if name.startswith("var"):
                values = np.abs(values) + 0.5
            proto.graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
        for node in proto.graph.node:
            node.name = node.name or node.output[0]
        return proto


NEAREST = 'mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"'
TWICE = "s = Constant<value_floats=[1.0,1.0,2.0,2.0]>()"
GROUPS = "s = Constant<value_ints=[1,2,4,12,12]>() u = Constant<value_ints=[1,8,12,12]>()"
EVEN = " ".join(f"{n} = Constant<value_ints=[{v}]>()" for n, v in (("b", 0), ("e", 12), ("a", 2), ("s", 2)))
RIM = "p = Constant<value_ints=[0,0,1,1,0,0,1,1]>()"


def _conv(outputs: int, inputs: int, kernel: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return (("w", (outputs, inputs, kernel, kernel)), ("b", (outputs,)))


def _unary(kind: str, *opsets: int, refused: bool = False) -> list[Graph]:
    return [
        Graph(
            kind,
            opset,
            f"c = Conv<pads=[1,1,1,1]>(x, w, b) y = {kind}(c)",
            IMAGE,
            _conv(16, 8, 3),
            "y" if refused else None,
        )
        for opset in opsets
    ]


GRAPHS = [
    # convolutions of all kinds
    Graph("conv3x3", 9, "y = Conv<pads=[1,1,1,1]>(x, w, b)", IMAGE, _conv(16, 8, 3)),
    Graph("conv1x1", 10, "y = Conv(x, w, b)", IMAGE, _conv(40, 8, 1)),
    Graph("conv-odd", 12, "y = Conv<strides=[2,2]>(x, w, b)", ODD, _conv(7, 5, 3)),
    Graph("conv7x7", 13, "y = Conv<pads=[3,3,3,3]>(x, w, b)", IMAGE, _conv(16, 8, 7)),
    Graph("conv-uneven-pads", 14, "y = Conv<pads=[0,1,1,0]>(x, w, b)", IMAGE, _conv(16, 8, 3)),
    Graph("conv-uneven-strides", 15, "y = Conv<strides=[1,2]>(x, w, b)", IMAGE, _conv(16, 8, 3)),
    Graph("conv-dilated", 16, "y = Conv<dilations=[2,2]>(x, w, b)", IMAGE, _conv(16, 8, 3)),
    Graph("conv-grouped", 17, "y = Conv<group=2>(x, w, b)", IMAGE, _conv(16, 4, 3)),
    Graph("conv-depthwise", 18, "y = Conv<group=8, pads=[1,1,1,1]>(x, w, b)", IMAGE, _conv(8, 1, 3)),
    Graph("conv-no-bias", 19, "y = Conv(x, w)", IMAGE, (("w", (16, 8, 3, 3)),)),
    Graph("conv-same", 20, 'y = Conv<auto_pad="SAME_UPPER", strides=[2,2]>(x, w, b)', IMAGE, _conv(16, 8, 3)),
    Graph("conv-many-channels", 21, "y = Conv(x, w, b)", "float[N, 600, 4, 4]", _conv(16, 600, 3)),
    Graph(
        "deconv-pads",
        13,
        "y = ConvTranspose<strides=[2,2], pads=[1,1,1,1], output_padding=[1,1]>(x, w, b)",
        IMAGE,
        (("w", (8, 16, 3, 3)), ("b", (16,))),
    ),
    Graph("deconv", 11, "y = ConvTranspose<strides=[2,2]>(x, w, b)", IMAGE, (("w", (8, 16, 2, 2)), ("b", (16,)))),
    Graph("conv-volume", 13, "y = Conv(x, w)", VOLUME, (("w", (8, 4, 3, 3, 3)),)),
    Graph("conv-line", 18, "y = Conv(x, w, b)", "float[N, 8, 64]", (("w", (16, 8, 3)), ("b", (16,)))),
    # pools
    Graph("maxpool", 9, "y = MaxPool<kernel_shape=[2,2], strides=[2,2]>(x)"),
    Graph("maxpool-pads", 12, "y = MaxPool<kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1]>(x)"),
    Graph("maxpool-ceil", 13, "y = MaxPool<kernel_shape=[2,2], strides=[2,2], ceil_mode=1>(x)", ODD),
    Graph("maxpool-volume", 13, "y = MaxPool<kernel_shape=[2,2,2], strides=[2,2,2]>(x)", VOLUME),
    Graph("avgpool", 11, "y = AveragePool<kernel_shape=[3,3], strides=[3,3]>(x)"),
    Graph("avgpool-pads", 18, "y = AveragePool<kernel_shape=[3,3], pads=[1,1,1,1], count_include_pad=1>(x)"),
    Graph("avgpool", 19, "y = AveragePool<kernel_shape=[2,2], strides=[2,2]>(x)"),
    Graph("avgpool-dilated", 19, "y = AveragePool<kernel_shape=[2,2], dilations=[2,2]>(x)", refused="y"),
    Graph("avgpool-ceil", 13, "y = AveragePool<kernel_shape=[3,3], strides=[2,2], ceil_mode=1>(x)"),
    Graph(
        "avgpool-misread",
        13,
        "y = AveragePool<kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1], ceil_mode=1, count_include_pad=1>(x)",
        refused="y",
    ),
    Graph("maxpool-dilated", 13, "y = MaxPool<kernel_shape=[2,2], dilations=[2,2]>(x)", refused="y"),
    Graph("deconv-same", 13, 'y = ConvTranspose<auto_pad="SAME_UPPER">(x, w)', IMAGE, (("w", (8, 8, 3, 3)),), "y"),
    Graph("global-average", 9, "y = GlobalAveragePool(x)"),
    Graph("global-average", 22, "y = GlobalAveragePool(x)"),
    Graph("global-max", 13, "y = GlobalMaxPool(x)"),
    # activations
    *_unary("Relu", 9, 13, 14, 21),
    *_unary("Sigmoid", 9, 13),
    *_unary("Tanh", 11, 21),
    *_unary("Elu", 12, 21),
    *_unary("LeakyRelu", 9, 16),
    *_unary("HardSigmoid", 11, 21),
    *_unary("HardSwish", 14, 21),
    *_unary("Softplus", 11),
    *_unary("Mish", 18),
    *_unary("Selu", 11, 18),
    *_unary("Softsign", 13),
    *_unary("Gelu", 20, 21),
    *_unary("Abs", 9, 18),
    *_unary("Exp", 13),
    *_unary("Neg", 13),
    *_unary("Erf", 13),
    *_unary("Sign", 13, 18, refused=True),
    *_unary("Sin", 11, refused=True),
    Graph("log", 13, "e = Exp(x) f = Add(e, e) y = Log(f)"),
    Graph("reducemin", 20, "a = Constant<value_ints=[2,3]>() y = ReduceMin(x, a)"),
    Graph("sqrt", 13, "r = Relu(x) y = Sqrt(r)"),
    Graph("floor", 13, "y = Floor(x)", steps=True),
    Graph("ceil", 13, "y = Ceil(x)", steps=True),
    Graph("round", 11, "y = Round(x)", steps=True),
    Graph("round", 21, "y = Round(x)", steps=True),
    Graph("gelu-tanh", 20, 'y = Gelu<approximate="tanh">(x)'),
    Graph("prelu", 16, "y = PRelu(x, s)", IMAGE, (("s", (8, 1, 1)),)),
    Graph("relu6", 9, "y = Clip<min=0.0, max=6.0>(x)"),
    Graph("relu6", 18, "l = Constant<value_float=0.0>() h = Constant<value_float=6.0>() y = Clip(x, l, h)"),
    Graph("softmax", 11, "y = Softmax<axis=1>(x)", VECTOR),
    Graph("softmax", 13, "y = Softmax<axis=1>(x)"),
    Graph("softmax-pixel", 11, "g = GlobalAveragePool(x) y = Softmax<axis=1>(g)"),
    Graph("softmax-several", 11, "y = Softmax<axis=1>(x)", refused="y"),
    Graph("swish", 13, "s = Sigmoid(x) y = Mul(x, s)"),
    # sums and products
    Graph("add", 14, "a = Relu(x) y = Add(a, x)"),
    Graph("sum", 13, "a = Relu(x) b = Neg(x) y = Sum(a, x, b)"),
    Graph("mean", 13, "a = Relu(x) y = Mean(a, x)"),
    Graph("reciprocal", 13, "e = Exp(x) y = Reciprocal(e)"),
    Graph("add-broadcast", 13, "a = GlobalAveragePool(x) b = ReduceMean<axes=[1]>(x) y = Add(a, b)"),
    Graph("sub", 13, "a = Relu(x) y = Sub(a, x)"),
    Graph("div", 14, "e = Exp(x) y = Div(x, e)"),
    Graph("max", 13, "a = Relu(x) y = Max(a, x)"),
    Graph("min", 13, "a = Relu(x) y = Min(a, x)"),
    Graph("scale-shift", 13, "m = Mul(x, s) y = Add(m, t)", IMAGE, (("s", (8, 1, 1)), ("t", (8, 1, 1)))),
    Graph("squared", 15, "two = Constant<value_float=2.0>() y = Pow(x, two)"),
    # normalisation
    Graph(
        "batchnorm",
        15,
        "c = Conv(x, w, b) y = BatchNormalization(c, g, o, m, var)",
        IMAGE,
        (*_conv(16, 8, 3), *((name, (16,)) for name in ("g", "o", "m", "var"))),
    ),
    Graph(
        "batchnorm-alone",
        9,
        "y = BatchNormalization(x, g, o, m, var)",
        IMAGE,
        tuple((n, (8,)) for n in ("g", "o", "m", "var")),
    ),
    Graph("instancenorm", 13, "y = InstanceNormalization(x, g, o)", IMAGE, (("g", (8,)), ("o", (8,)))),
    Graph("lrn", 13, "y = LRN<size=3>(x)"),
    Graph("layernorm", 17, "y = LayerNormalization(x, g, o)", VECTOR, (("g", (24,)), ("o", (24,)))),
    Graph("layernorm-no-bias", 21, "y = LayerNormalization<axis=-1>(x, g)", "float[N, 9, 16]", (("g", (16,)),)),
    Graph(
        "layernorm-volume",
        18,
        "y = LayerNormalization<axis=1>(x, g, o)",
        IMAGE,
        (("g", (8, 12, 12)), ("o", (8, 12, 12))),
    ),
    Graph("groupnorm", 21, "y = GroupNormalization<num_groups=2>(x, g, o)", IMAGE, (("g", (8,)), ("o", (8,))), "y"),
    # reductions: the axes are an attribute, and an input from 18 on
    Graph("reducemean", 9, "y = ReduceMean<axes=[2,3], keepdims=0>(x)"),
    Graph("reducemean", 13, "y = ReduceMean<axes=[2,3]>(x)"),
    Graph("reducemean", 18, "a = Constant<value_ints=[2,3]>() y = ReduceMean<keepdims=0>(x, a)"),
    Graph("reducemean", 21, "a = Constant<value_ints=[-1,-2]>() y = ReduceMean(x, a)"),
    Graph("reducemax", 18, "a = Constant<value_ints=[2,3]>() y = ReduceMax(x, a)"),
    Graph("reducesum", 13, "a = Constant<value_ints=[1]>() y = ReduceSum(x, a)"),
    Graph("reducesum", 11, "y = ReduceSum<axes=[1]>(x)"),
    Graph("reducel2", 13, "y = ReduceL2<axes=[1]>(x)", refused="y"),
    # shapes
    Graph("flatten", 13, "y = Flatten(x)"),
    Graph("flatten-last", 13, "y = Flatten<axis=2>(x)"),
    Graph("shuffle", 13, f"{GROUPS} r = Reshape(x, s) t = Transpose<perm=[0,2,1,3,4]>(r) y = Reshape(t, u)"),
    Graph("pad-reflect", 13, f'{RIM} y = Pad<mode="reflect">(x, p)'),
    Graph("slice-steps", 13, f"{EVEN} y = Slice(x, b, e, a, s)"),
    Graph("reshape", 14, "s = Constant<value_ints=[1,-1]>() y = Reshape(x, s)"),
    Graph("reshape-allowzero", 18, "s = Constant<value_ints=[1,-1]>() y = Reshape<allowzero=1>(x, s)"),
    Graph("reshape", 9, "s = Constant<value = int64[2] {1, 1152}>() y = Reshape(x, s)"),
    Graph("transpose", 13, "y = Transpose<perm=[0,2,3,1]>(x)"),
    Graph("class-token", 13, "a = Relu(x) y = Concat<axis=1>(token, a)", "float[N, 4, 8]", (("token", (1, 1, 8)),)),
    Graph("concat", 13, "a = Relu(x) y = Concat<axis=1>(a, x)"),
    Graph("split", 13, "a, b = Split<axis=1>(x) y = Add(a, b)"),
    Graph("split", 18, "a, b = Split<axis=1, num_outputs=2>(x) y = Add(a, b)"),
    Graph("split-uneven", 18, "s = Constant<value_ints=[3,5]>() a, c = Split<axis=1>(x, s) y = Relu(c)"),
    Graph(
        "slice",
        13,
        "b = Constant<value_ints=[0,2]>() e = Constant<value_ints=[1,6]>() y = Slice(x, b, e)",
    ),
    Graph("pad", 13, f"{RIM} y = Pad(x, p)"),
    Graph("pad", 18, f"{RIM} y = Pad(x, p)"),
    Graph(
        "pad-axes",
        18,
        "p = Constant<value_ints=[1,1]>() a = Constant<value_ints=[2]>() y = Pad(x, p, , a)",
        refused="y",
    ),
    Graph(
        "upsample",
        13,
        f"{TWICE} y = Resize<{NEAREST}>(x, , s)",
    ),
    Graph(
        "upsample",
        19,
        f"{TWICE} y = Resize<{NEAREST}>(x, , s)",
    ),
    Graph(
        "bilinear",
        18,
        f'{TWICE} y = Resize<mode="linear", coordinate_transformation_mode="half_pixel">(x, , s)',
    ),
    Graph("cubic", 13, f'{TWICE} y = Resize<mode="cubic">(x, , s)', refused="y"),
    Graph(
        "antialias",
        18,
        's = Constant<value_floats=[1.0,1.0,0.5,0.5]>() y = Resize<mode="linear", antialias=1>(x, , s)',
        refused="y",
    ),
    Graph("depth-to-space", 13, "y = DepthToSpace<blocksize=2>(x)"),
    Graph("space-to-depth", 13, "y = SpaceToDepth<blocksize=2>(x)"),
    Graph("unsqueeze", 13, "a = Constant<value_ints=[1]>() y = Unsqueeze(x, a)", VECTOR),
    Graph("squeeze", 13, "g = GlobalAveragePool(x) a = Constant<value_ints=[2,3]>() y = Squeeze(g, a)"),
    Graph("gather", 13, "i = Constant<value_ints=[5,0,2]>() y = Gather<axis=1>(x, i)"),
    Graph("expand", 13, "g = GlobalAveragePool(x) s = Constant<value_ints=[1,8,4,4]>() y = Expand(g, s)"),
    Graph("topk", 13, "k = Constant<value_ints=[3]>() y, i = TopK<axis=1>(x, k)", VECTOR, refused="y"),
    Graph("argmax", 13, "a = ArgMax<axis=1, keepdims=1>(x) y = Cast<to=1>(a)", VECTOR, refused="a"),
    Graph("upsample", 9, 's = Constant<value = float[4] {1.0, 1.0, 2.0, 2.0}>() y = Upsample<mode="nearest">(x, s)'),
    Graph("identity", 13, "a = Identity(x) y = Relu(a)"),
    # fully connected
    Graph("gemm", 9, "y = Gemm<transB=1>(x, w, b)", VECTOR, (("w", (10, 24)), ("b", (10,)))),
    Graph("gemm", 13, "y = Gemm(x, w, b)", VECTOR, (("w", (24, 10)), ("b", (10,)))),
    Graph("matmul", 13, "y = MatMul(x, w)", VECTOR, (("w", (24, 10)),)),
    Graph("matmul-add", 21, "m = MatMul(x, w) y = Add(m, b)", VECTOR, (("w", (24, 10)), ("b", (10,)))),
    Graph(
        "attention",
        13,
        "t = Transpose<perm=[0,2,1]>(x) a = MatMul(x, t) s = Softmax(a) y = MatMul(s, x)",
        "float[N, 9, 16]",
    ),
    # what cannot run
    Graph("custom", 13, "y = my.custom.Sin(x)", refused="y", domain="my.custom"),
    Graph("einsum", 13, 'y = Einsum<equation="bchw->bhwc">(x)', refused="y"),
    Graph("cumsum", 14, "a = Constant<value_int=1>() y = CumSum(x, a)", VECTOR, refused="y"),
    Graph(
        "qdq",
        13,
        "s = Constant<value_float=0.1>() q = QuantizeLinear(x, s) y = DequantizeLinear(q, s)",
        refused="q",
    ),
    Graph("half", 13, "h = Cast<to=10>(x) r = Tanh(h) y = Cast<to=1>(r)", refused="y"),
    Graph(
        "recurrent",
        14,
        "y, h = GRU<hidden_size=4>(x, w, r)",
        "float[N, 2, 3]",
        (("w", (1, 12, 3)), ("r", (1, 12, 4))),
        "y",
    ),
    Graph(
        "logic",
        13,
        "z = Constant<value_float=0.0>() g = Greater(x, z) n = Not(g) f = Cast<to=1>(n) y = Add(x, f)",
        refused="g",
    ),
    Graph("constant", 13, "y = Relu(w)", IMAGE, (("w", (1, 8)),), "x"),
    Graph("huge", 13, "s = Constant<value_ints=[1000000,8,12,12]>() y = Expand(x, s)", refused="y"),
    Graph("dynamic", 13, "y = Relu(x)", "float[N, 3, H, W]", refused="x"),
]
