# SPDX-License-Identifier: Apache-2.0
"""Preparation keeps what a model means."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from drawplate.data import Normalisation
from drawplate.errors import ModelError
from drawplate.ort.session import open_session
from drawplate.zoo import build_model
from drawplate_target_myriadx.half import round_to_half
from drawplate_target_myriadx.host import Network
from drawplate_target_myriadx.prepare import prepare

QUANTIZED = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
g (float[N, 3, 8, 8] x) => (float[N, 4, 6, 6] y)
<float scale = {0.125}, float step = {0.1}, float zero = {0}, float wbits = {4}, float abits = {%s}>
{
    [wq] q = qonnx.custom_op.general.Quant <signed = 1, narrow = 1, rounding_mode = "ROUND"> (w, scale, zero, wbits)
    [conv] c = Conv (x, q)
    [act] y = qonnx.custom_op.general.Quant <signed = %d, narrow = 0, rounding_mode = "ROUND"> (c, step, zero, abits)
}
"""


def quantized(bits="3.0", signed=0):
    proto = parser.parse_model(QUANTIZED % (bits, signed))
    weights = np.random.default_rng(0).uniform(-1, 1, (4, 3, 3, 3)).astype(np.float32)
    proto.graph.initializer.append(numpy_helper.from_array(weights, "w"))
    return proto


def run(proto, x):
    return open_session(proto, threads=1, exact=True).run(None, {proto.graph.input[0].name: x})[0]


def noise(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def test_layers_keep_the_models_names():
    proto = prepare(build_model("mlp", {}, shape=(1, 28, 28), classes=10, seed=0)).proto
    assert [node.name for node in proto.graph.node if node.op_type == "Gemm"] == ["fc1", "fc2", "fc3"]


def test_quantized_weights_are_baked_in_and_activations_keep_their_values():
    x = noise(1, 3, 8, 8)
    prepared = prepare(quantized())
    assert not any("Quant" in node.op_type for node in prepared.proto.graph.node)
    expected = run(prepare(quantized(), activations="clip").proto, x)
    codes = run(prepared.proto, x) / 0.1
    assert codes == pytest.approx(np.round(expected / 0.1), abs=1e-4)
    assert 0 <= codes.min() < codes.max() <= 7
    assert any("INT8 does not exist" in note for note in prepared.notes)


def test_clip_keeps_only_saturation():
    prepared = prepare(quantized(), activations="clip")
    assert [node.op_type for node in prepared.proto.graph.node] == ["Conv", "Clip"]
    result = run(prepared.proto, 10 * noise(1, 3, 8, 8))
    assert (result.min(), result.max()) == (0, pytest.approx(0.7))


@pytest.mark.parametrize("mode", ["round", "clip"])
def test_a_sign_is_refused_by_name(mode):
    with pytest.raises(ModelError, match="layer 'act': quantizes an activation to its sign") as caught:
        prepare(quantized("1.0", signed=1), activations=mode)
    assert "2 bits" in caught.value.hint


@pytest.mark.parametrize(
    "normalisation",
    [
        Normalisation((0.0, 0.0, 0.0), (0.2, 0.25, 0.3)),
        Normalisation((0.5, 0.4, 0.3), (0.2, 0.25, 0.3)),
        Normalisation((0.5,), (0.25,)),  # one for all channels
        Normalisation((3.0, 0.0, 1.0), (2.0, 4.0, 1.0), 16.0),
    ],
)
def test_bytes_in_are_normalised_inside(normalisation):
    source = build_model("flexstudent", {}, shape=(3, 16, 16), classes=10, seed=0)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 16, 16), np.uint8)
    expected = run(prepare(source).proto, normalisation.apply(pixels))
    folded = prepare(source, pixels=normalisation)
    assert run(folded.proto, pixels.astype(np.float32)) == pytest.approx(expected, abs=1e-4)
    assert "takes bytes" in folded.notes[-1]


def test_bytes_for_another_number_of_channels_are_refused():
    with pytest.raises(ModelError, match="normalisation is for 2 channels"):
        prepare(
            build_model("cnv", {}, shape=(3, 32, 32), classes=10, seed=0), pixels=Normalisation((0.0,) * 2, (1.0,) * 2)
        )


@pytest.mark.parametrize(("value", "said"), [(1e6, "beyond FP16"), (np.nan, "no number")])
def test_a_weight_that_half_precision_lacks_is_refused_by_name(value, said):
    source = build_model("mlp", {"hidden": [4]}, shape=(1, 4, 4), classes=2, seed=0)
    head = next(tensor for tensor in source.graph.initializer if tensor.name == "head.weight")
    head.CopyFrom(numpy_helper.from_array(np.full((4, 2), value, np.float32), "head.weight"))
    with pytest.raises(ModelError, match=rf"layer 'head'.*{said}"):
        prepare(source)


def test_the_model_itself_stays_as_it_is():
    source = build_model("mlp", {}, shape=(1, 8, 8), classes=10, seed=0)
    before = source.SerializeToString(deterministic=True)
    prepare(source, pixels=Normalisation((0.0,), (1.0,)))
    assert source.SerializeToString(deterministic=True) == before


def test_half_precision_is_that_of_numpy():
    """Every value that leaves a layer is the FP16 number nearest to what the layer computed."""
    proto = parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1, 4, 64, 64] x) => (float[1, 4, 64, 64] y) { y = Sigmoid(x) }
    """)
    x = noise(1, 4, 64, 64)
    found = Network(round_to_half(proto), batch=1).outputs(x)
    expected = run(proto, x.astype(np.float16).astype(np.float32))
    assert (found == found.astype(np.float16)).all()
    assert np.abs(found - expected).max() <= 2**-12 + 1e-6  # half a unit of FP16 below 1


def test_half_precision_has_an_end():
    proto = parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[1, 3] x) => (float[1, 3] y) { y = Mul(x, x) }
    """)
    x = np.array([[300.0, -2.0, 3000.0]], np.float32)
    assert Network(round_to_half(proto), batch=1).outputs(x).tolist() == [[65504.0, 4.0, 65504.0]]


def test_a_model_of_free_batch_runs_in_batches():
    source = build_model("resnet8x4", {}, shape=(3, 16, 16), classes=10, seed=0)
    proto = round_to_half(prepare(source).proto)
    x = noise(7, 3, 16, 16)
    many, single = Network(proto, batch=4), Network(proto, batch=1)
    assert (many.batch, single.batch) == (4, 1)
    assert many.outputs(x) == pytest.approx(single.outputs(x), abs=1e-2)


def test_a_model_whose_batch_is_written_into_it_runs_image_by_image():
    proto = parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N, 4, 2] x) => (float[N, 8] y) <int64[2] s = {1, 8}> { y = Reshape(x, s) }
    """)
    network = Network(round_to_half(prepare(proto).proto), batch=4)
    assert network.batch == 1
    x = noise(3, 4, 2).astype(np.float16).astype(np.float32)
    assert (network.outputs(x) == x.reshape(3, 8)).all()


def test_opset_and_ir_are_what_the_compiler_reads():
    source = onnx.version_converter.convert_version(
        build_model("resnet8x4", {}, shape=(3, 32, 32), classes=10, seed=0), 21
    )
    source.ir_version = 11
    prepared = prepare(source)
    assert [(entry.domain, entry.version) for entry in prepared.proto.opset_import] == [("", 13)]
    assert prepared.proto.ir_version <= 8
    assert "opset 21 lowered to 13" in prepared.notes
    onnx.checker.check_model(prepared.proto, full_check=True)


def test_fused_layers_have_names_of_their_own():
    """LayerNormalization with its transposes, as torch's exporter names them: two nodes took the name of one layer."""
    body = "p = Transpose<perm=[0,2,3,1]>(c) n = LayerNormalization<axis=-1>(p, s, b) q = Transpose<perm=[0,3,1,2]>(n)"
    proto = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (float[N,3,8,8] x) => (float[N,4,8,8] y) '
        f"{{ c = Conv(x, w) {body} y = Conv(q, v) }}"
    )
    for name, shape in (("w", (4, 3, 1, 1)), ("v", (4, 4, 1, 1)), ("s", (4,)), ("b", (4,))):
        values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        proto.graph.initializer.append(numpy_helper.from_array(values, name))
    for node in proto.graph.node:
        node.name = f"/{node.output[0]}"
    prepared = prepare(proto).proto
    names = [node.name for node in prepared.graph.node]
    assert len(set(names)) == len(names)
    x = np.random.default_rng(1).standard_normal((1, 3, 8, 8)).astype(np.float32)
    np.testing.assert_allclose(run(prepared, x), run(proto, x), atol=1e-4)


@pytest.mark.parametrize(("axis", "scale"), [(2, (8,)), (1, (4, 8, 8)), (2, (1, 8)), (-2, (8, 8)), (-1, (1,))])
def test_a_layer_normalization_whose_scale_is_broadcast_normalises_from_its_axis_on(axis, scale):
    proto = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (float[N,3,8,8] x) => (float[N,4,8,8] y) '
        f"{{ c = Conv(x, w) y = LayerNormalization<axis={axis}>(c, s) }}"
    )
    for name, shape in (("w", (4, 3, 1, 1)), ("s", scale)):
        values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        proto.graph.initializer.append(numpy_helper.from_array(values, name))
    x = np.random.default_rng(1).standard_normal((1, 3, 8, 8)).astype(np.float32)
    np.testing.assert_allclose(run(prepare(proto).proto, x), run(proto, x), atol=1e-4)


def test_a_layer_normalization_whose_statistics_are_used_is_refused_by_name():
    proto = parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (float[N,8] x) => (float[N,8] y) <float[1] s = {2}> '
        "{ n, m = LayerNormalization(x, s) y = Add(n, m) }"
    )
    proto.graph.node[0].name = "norm"
    with pytest.raises(ModelError, match="LayerNormalization"):
        prepare(proto)
