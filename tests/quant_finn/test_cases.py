# SPDX-License-Identifier: Apache-2.0
"""Networks that were lowered wrong, late or not at all: each right, to the last code and output."""
# ruff: noqa: E501 - graphs in one line each

from __future__ import annotations

import numpy as np
import pytest
from tests.quant_finn.models import model, noise, norm
from tests.quant_finn.reference import reference_outputs

from drawplate.input_codes import input_codes
from drawplate.testing.exact import run_exact
from drawplate_dataflow.network.golden import outputs as golden_outputs
from drawplate_dataflow.reading import read
from drawplate_quant_finn.lowering.network import lowering
from drawplate_quant_finn.lowering.proof.compare import compare
from drawplate_quant_finn.training.torch_ops import handlers

QUANT = "qonnx.custom_op.general.Quant"
TRUNC = "qonnx.custom_op.general.Trunc"
SIGN = "qonnx.custom_op.general.BipolarQuant"
SIGNED = f'{QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND">'
UNSIGNED = f'{QUANT} <signed = 0, narrow = 0, rounding_mode = "ROUND">'
DEEP = "Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], group = 3>"
WEIGHTS = f"dq = {SIGNED} (deep, s, z, b)  gq = {SIGNED} (groups, s, z, b)  jq = {SIGNED} (joined, s, z, b)  wq = {SIGNED} (w, s, z, b)  uq = {SIGNED} (u, s, z, b)  vq = {SIGNED} (v, s, z, b)"
CONV = "Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]>"
PLAIN = "Conv <kernel_shape = [3, 3]>"
CODES = f"x = {UNSIGNED} (input, si, z, b4)"
END = "f = Flatten(o) logits = MatMul(f, vq)"
NORM = "BatchNormalization"


def network(body, size, start=CODES, end=END, **arrays):
    """A network of 8 x 8 pixels: 3 channels after ``wq``, as many after ``uq``; ``size`` numbers into ``vq``."""
    text = f"g (float[N, 1, 8, 8] input) => (float[N, 4] logits) {{ {start} {WEIGHTS} {body} {end} }}"
    still = {"g1": np.array([0.5, -1, 0]), "b1": np.array([0.25, 0, -0.5]), "m1": np.zeros(3), "v1": np.ones(3)}
    numbers = {
        "si": 1 / 15,
        "s": 0.25,
        "sa": 0.5,
        "neg": -0.5,
        "z": 0,
        "b": 3,
        "b4": 4,
        "one": 1,
        "half": 0.5,
        "eight": 8,
        "b1bit": 1,
    }
    given = {
        "w": noise(3, 1, 3, 3),
        "u": noise(3, 3, 3, 3, seed=1),
        "v": noise(size, 4, seed=2),
        "deep": noise(3, 1, 3, 3, seed=3),
        "groups": noise(2, 2, 3, 3, seed=4),
        "joined": noise(3, 6, 3, 3, seed=5),
        **still,
        **numbers,
        **arrays,
    }
    return model(text, **given, **norm(3))


def _q(mode):
    return f'{QUANT} <signed = 0, narrow = 0, rounding_mode = "{mode}">'


BLOCK = f"c = {CONV}(x, wq) n = {NORM}(c, bng, bnb, bnm, bnv) r = Relu(n)"
CASES = {
    **{
        f"input {mode}": network(f"{BLOCK} o = {UNSIGNED} (r, sa, z, b4)", 192, start=f"x = {_q(mode)} (input, si, z, b4)")
        for mode in ("FLOOR", "CEIL", "DOWN", "UP", "HALF_UP", "HALF_DOWN", "half_even")
    },
    **{f"activation {mode}": network(f"{BLOCK} o = {_q(mode)} (r, sa, z, b4)", 192) for mode in ("FLOOR", "CEIL", "DOWN", "UP")},
    "absent attributes": network(f"c = {CONV}(x, wq) o = {QUANT} (c, sa, z, b4)", 192, start=f"x = {QUANT} (input, si, z, b4)"),
    "input zero point with a border": network(f"{BLOCK} o = {UNSIGNED} (r, sa, z, b4)", 192, start=f"x = {UNSIGNED} (input, si, eight, b4)"),
    "input zero point of a half": network(f"c = {PLAIN}(x, wq) o = {UNSIGNED} (c, sa, z, b4)", 108, start=f"x = {UNSIGNED} (input, si, half, b4)"),
    "zero point with a border": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, eight, b4) d = {CONV}(a, uq) o = {SIGNED} (d, sa, z, b4)", 192),
    "signed behind Relu": network(f"{BLOCK} o = {SIGNED} (r, sa, z, b4)", 192),
    "negative scale": network(f"c = {CONV}(x, wq) n = {NORM}(c, bng, bnb, bnm, bnv) a = {SIGNED} (n, neg, z, b4) d = {CONV}(a, uq) o = {SIGNED} (d, neg, z, b4)", 192),
    "negative scale of signs": network(f"c = {CONV}(x, wq) o = {QUANT} <signed = 1> (c, neg, z, b1bit)", 192),
    "difference": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b) d = {CONV}(a, uq) e = {UNSIGNED} (d, sa, z, b) t = Sub(a, e) o = {SIGNED} (t, sa, z, b4)", 192),
    "difference the other way": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b) d = {CONV}(a, uq) e = {UNSIGNED} (d, sa, z, b) t = Sub(e, a) o = {SIGNED} (t, sa, z, b4)", 192),
    "gammas below 0 and 0": network(f"c = {CONV}(x, wq) n = {NORM}(c, g1, b1, m1, v1) p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (n) r = Relu(p) o = {UNSIGNED} (r, sa, z, b4)", 48),
    "a falling normalisation of codes": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b) m = {NORM}(a, g1, b1, m1, v1) e = Relu(m) h = {UNSIGNED} (e, s, z, b) d = {CONV}(h, uq) o = {SIGNED} (d, sa, z, b)", 192),
    "pad": network(f"pads = Constant <value_ints = [0, 0, 1, 1, 0, 0, 1, 1]> () p = Pad(x, pads) c = {PLAIN}(p, wq) n = {NORM}(c, bng, bnb, bnm, bnv) a = {UNSIGNED} (n, sa, z, b) q = Pad(a, pads) d = {PLAIN}(q, uq) o = {SIGNED} (d, sa, z, b)", 192),
    "shared weights": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b) d = {CONV}(a, uq) e = {UNSIGNED} (d, sa, z, b) h = {CONV}(e, uq) o = {SIGNED} (h, sa, z, b)", 192),
    "signs with a border": network(f"c = {CONV}(x, wq) a = {SIGN} (c, one) d = {CONV}(a, uq) o = {SIGN} (d, one)", 192),
    "signs of the input with a border": network(f"c = {CONV}(x, wq) o = {SIGN} (c, one)", 192, start=f"x = {SIGN} (input, one)"),
    "slopes below 0": network(f"c = {CONV}(x, wq) n = {NORM}(c, bng, bnb, bnm, bnv) r = LeakyRelu <alpha = 0.1> (n) o = {SIGNED} (r, sa, z, b4)", 192),
    "slopes per channel": network(f"c = {CONV}(x, wq) r = PRelu(c, slopes) o = {SIGNED} (r, sa, z, b4)", 192, slopes=np.array([0, 0.25, 1]).reshape(3, 1, 1)),
    "normalised input": network(f"n = {NORM}(x, one1, half1, half1, one1) c = {PLAIN}(n, wq) o = {SIGNED} (c, sa, z, b4)", 108, one1=[1], half1=[0.5]),
    "convolution of one to one channel": network(f"c = {CONV}(x, wq) o = {SIGNED} (c, sa, z, b4)", 64, w=noise(1, 1, 3, 3)),
    "mean over height and width": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b) t = ReduceMean <axes = [2, 3], keepdims = 0> (a) o = {UNSIGNED} (t, s, z, b4)", 3),
    "SAME padding": network(f'c = Conv <kernel_shape = [3, 3], strides = [2, 2], auto_pad = "SAME_UPPER"> (x, wq) o = {SIGNED} (c, sa, z, b4)', 48),
    "scales of one unit per channel": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, many, z, b) d = {CONV}(a, uq) o = {SIGNED} (d, sa, z, b4)", 192, many=np.array([0.25, 0.5, -0.5]).reshape(1, 3, 1, 1)),
    "convolutional head": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b) h = Conv <kernel_shape = [1, 1]> (a, hq, hb)", 3, end=f"hq = {SIGNED} (head, s, z, b) p = GlobalAveragePool(h) logits = Flatten(p)", head=noise(4, 3, 1, 1), hb=noise(4)),
    "quantized output": network(f"{BLOCK} o = {UNSIGNED} (r, sa, z, b4)", 192, end=f"f = Flatten(o) y = MatMul(f, vq) logits = {SIGNED} (y, sa, z, b4)"),
    "depthwise": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) d = {DEEP} (a, dq) n = {NORM}(d, g1, b1, m1, v1) r = LeakyRelu <alpha = 0.25> (n) o = {SIGNED} (r, sa, z, b4)", 192),
    "depthwise, a scale per channel": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, many, z, b4) d = {DEEP} (a, dq) o = {SIGNED} (d, sa, z, b4)", 192, many=np.array([0.3, 0.7, 0.5]).reshape(1, 3, 1, 1)),
    "depthwise and dilated": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b4) d = Conv <kernel_shape = [3, 3], group = 3, dilations = [2, 1], strides = [1, 2]> (a, dq) o = {SIGNED} (d, sa, z, b4)", 36),
    "two groups": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) d = Conv <kernel_shape = [3, 3], group = 2> (a, gq) o = {SIGNED} (d, sa, z, b4)", 72, w=noise(4, 1, 3, 3)),
    "dilated": network(f"c = Conv <kernel_shape = [3, 3], pads = [2, 2, 2, 2], dilations = [2, 2]> (x, wq) o = {SIGNED} (c, sa, z, b4)", 192),
    "average": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b4) p = AveragePool <kernel_shape = [2, 3], strides = [2, 1]> (a) o = {UNSIGNED} (p, sa, z, b4)", 72),
    "average with a border": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) p = AveragePool <kernel_shape = [2, 2], pads = [1, 1, 0, 0], count_include_pad = 1> (a) o = {SIGNED} (p, sa, z, b4)", 192),
    "truncated average": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b4) p = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (a) o = {TRUNC} (p, quarter, z, b6, b4)", 48, quarter=0.125, b6=6),
    "largest of signed codes with a border": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) p = MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> (a) d = {CONV}(p, uq) o = {SIGNED} (d, sa, z, b4)", 48),
    "largest, the last windows over the edge": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) p = MaxPool <kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1> (a) o = Identity(p)", 48),
    "largest of the image": network(f"c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) o = GlobalMaxPool(a)", 3),
    "largest of sums": network(f"c = {CONV}(x, wq) p = ReduceMax <axes = [2, 3], keepdims = 0> (c) o = {SIGNED} (p, sa, z, b4)", 3),
    "channels joined, then each alone": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b4) e = {SIGNED} (c, neg, z, b) j = Concat <axis = 1> (a, e) d = Conv <kernel_shape = [3, 3], group = 6> (j, eq) o = {SIGNED} (d, sa, z, b4)", 216, start=f"{CODES} eq = {SIGNED} (each, s, z, b)", each=noise(6, 1, 3, 3)),
    "pixels repeated, then each channel alone": network(f'scales = Constant <value_floats = [1.0, 1.0, 2.0, 1.0]> () c = {CONV}(x, wq) a = {SIGNED} (c, sa, z, b4) p = Resize <mode = "nearest"> (a, , scales) d = {DEEP} (p, dq) o = {SIGNED} (d, sa, z, b4)', 384),
    "channels joined": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b4) e = {SIGNED} (c, sa, z, b) j = Concat <axis = 1> (e, a) d = {CONV}(j, jq) o = {SIGNED} (d, sa, z, b4)", 192),
    "vectors joined": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b4) t = GlobalAveragePool(a) e = {UNSIGNED} (t, sa, z, b4) j = Concat <axis = 1> (e, e) o = Identity(j)", 6),
    "a difference that is added": network(f"c = {CONV}(x, wq) a = {UNSIGNED} (c, sa, z, b) d = {CONV}(a, uq) e = {UNSIGNED} (d, sa, z, b) t = Sub(a, e) h = {SIGNED} (t, sa, z, b4) y = Add(h, e) o = {SIGNED} (y, sa, z, b4)", 192),
    "pixels in another order": network(f"{BLOCK} a = {UNSIGNED} (r, sa, z, b4) o = Transpose <perm = [0, 3, 1, 2]> (a)", 192),
}  # fmt: skip


UNKNOWN = {"slopes per channel", "largest of sums", "pixels repeated, then each channel alone"}
"""To the exact reference, which knows no PRelu, ReduceMax and Resize; they are compared with float32."""


def _sorted(proto):
    """Bring the weights of a head in front of it: the text has them at the end."""
    late = [node for node in proto.graph.node if node.output[0] == "hq"]
    for node in late:
        proto.graph.node.remove(node)
        proto.graph.node.insert(0, node)
    return proto


@pytest.mark.parametrize("name", CASES)
def test_right_to_the_last_code(name):
    proto = _sorted(CASES[name])
    lowered = lowering(proto)
    images = np.random.default_rng(3).uniform(-0.2, 1.2, (12, 1, 8, 8)).astype(np.float32)
    found = compare(lowered, images, allowed=0.5)
    codes = input_codes(lowered.proto).of(images)
    outputs = golden_outputs(read(lowered.proto), codes)
    assert found.outputs.shape == outputs.shape == (12, 4)
    start = codes.reshape(-1, 1, 8, 8) + lowered.codes.offset

    def watch(node, given):
        entered = node.output[0] == lowered.input_tensor
        return given.with_codes(start.astype(np.int64).astype(object)) if entered else given.value

    if name not in UNKNOWN:
        exact = run_exact(lowered.graph.proto, images, watch)["logits"].floats()
        np.testing.assert_allclose(outputs, exact, rtol=1e-5, atol=1e-5)
    if not any(found.rounded.values()):
        float32 = reference_outputs(proto, images, handlers())
        np.testing.assert_allclose(outputs, float32, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(found.float32, float32, rtol=1e-4, atol=1e-4)


def test_the_input_is_rounded_as_its_quantizer_says():
    floor, ceil = (lowering(CASES[f"input {mode}"]) for mode in ("FLOOR", "CEIL"))
    x = np.float32([0.1, 0.5, 0.99]).reshape(3, 1, 1, 1)
    assert floor.codes.of(x).ravel().tolist() == [1, 7, 14]
    assert ceil.codes.of(x).ravel().tolist() == [2, 8, 15]
    assert input_codes(floor.proto).rounding == "FLOOR"


def test_a_batch_that_is_fixed():
    """Five items through a model of four at a time, whose Reshape says so."""
    proto = network(
        f"shape = Constant <value_ints = [4, 192]> () {BLOCK} a = {UNSIGNED} (r, sa, z, b4) o = Reshape(a, shape)", 192
    )
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 4
    images = np.random.default_rng(3).random((5, 1, 8, 8), dtype=np.float32)
    free = compare(lowering(network(f"{BLOCK} o = {UNSIGNED} (r, sa, z, b4)", 192)), images)
    found = compare(lowering(proto), images)
    assert (found.outputs == free.outputs).all()
    assert (found.float32 == free.float32).all()


def test_weights_of_a_fraction_of_a_bit_are_clipped_before_they_are_rounded():
    """2.5 bits reach to 2 ** 1.5 - 1, which rounds to 2: as QONNX's own executor has it."""
    proto = network(f"fq = {SIGNED} (w, sa, z, bits) c = {CONV}(x, fq) o = {SIGNED} (c, sa, z, b4)", 192, bits=2.5)
    images = np.random.default_rng(3).random((4, 1, 8, 8), dtype=np.float32)
    found = compare(lowering(proto), images)
    ratio = noise(3, 1, 3, 3) / 0.5
    reach = 2**1.5 - 1
    codes = np.round(np.clip(ratio, -reach, reach))
    assert set(np.unique(codes)) == {-2, -1, 0, 1, 2}
    same = network(f"fq = {SIGNED} (w, sa, z, b) c = {CONV}(x, fq) o = {SIGNED} (c, sa, z, b4)", 192, w=codes * 0.5)
    np.testing.assert_array_equal(found.outputs, compare(lowering(same), images).outputs)


LINE = """
    g (float[N, 2, 12] input) => (float[N, 4] logits) {{ x = {u} (input, si, z, b4) wq = {s} (w, s, z, b) c = Conv <kernel_shape = [3],
    strides = [2], dilations = [2], pads = [1, 2]> (x, wq) a = {s} (c, sa, z, b4) p = MaxPool <kernel_shape = [3], pads = [1, 1]> (a)
    dq = {s} (d, s, z, b) e = Conv <kernel_shape = [2], group = 3> (p, dq) h = {s} (e, sa, z, b4) m = AveragePool <kernel_shape = [2]> (h)
    o = {s} (m, sa, z, b4) f = Flatten(o) vq = {s} (v, s, z, b) logits = MatMul(f, vq) }}
"""


def test_one_dimension():
    arrays = {
        "w": noise(3, 2, 3),
        "d": noise(3, 1, 2),
        "v": noise(12, 4),
        "si": 1 / 15,
        "s": 0.25,
        "sa": 0.5,
        "z": 0,
        "b": 3,
        "b4": 4,
    }
    proto = model(LINE.format(u=UNSIGNED, s=SIGNED), **arrays)
    lowered = lowering(proto)
    x = np.random.default_rng(3).uniform(-0.2, 1.2, (12, 2, 12)).astype(np.float32)
    found = compare(lowered, x, allowed=0.5)
    codes = input_codes(lowered.proto).of(x)
    start = codes.astype(np.int64).astype(object)

    def watch(node, given):
        return given.with_codes(start) if node.output[0] == lowered.input_tensor else given.value

    exact = run_exact(lowered.graph.proto, x, watch)["logits"].floats()
    np.testing.assert_allclose(golden_outputs(read(lowered.proto), codes), exact, rtol=1e-5, atol=1e-5)
    assert found.codes > 0
