# SPDX-License-Identifier: Apache-2.0
"""A channel that is always zero may be cut out without changing what the network gives."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from drawplate.count import count_macs, count_parameters
from drawplate.errors import ModelError
from drawplate.ort.session import open_session
from drawplate.plugins import contributions
from drawplate.prune import find_groups, keep_channels, most_important
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model

ZOO = {
    "mlp": {"hidden": [12, 9]},
    "flexstudent": {"channels": [6], "neurons": 10},
    "resnet8x4": {"channels": [4, 6, 8, 10]},
    "mobilenetv2": {"width": 0.25},
}


def model(zoo, arguments=None, shape=(3, 16, 16)):
    proto = build_model(zoo, ZOO[zoo] if arguments is None else arguments, shape=shape, classes=5, seed=0)
    random = np.random.default_rng(1)
    for tensor in proto.graph.initializer:
        if "norm" in tensor.name:  # as after training
            fill(tensor, random.uniform(0.5, 1.5, tuple(tensor.dims)))
    return proto


def fill(tensor, values):
    tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))


def run(proto, shape=(3, 16, 16)):
    images = np.random.default_rng(0).standard_normal((2, *shape)).astype(np.float32)
    session = open_session(proto, threads=1, exact=True)
    return session.run(None, {session.get_inputs()[0].name: images})[0]


def silence(proto, group, indices):
    """Make channels zero wherever they are made."""
    tensors = {tensor.name: tensor for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        if node.output[0] not in group.values:
            continue
        names = {
            "Conv": node.input[1:],
            "Gemm": node.input[1:],
            "MatMul": node.input[1:],
            "BatchNormalization": node.input[1:3],
        }
        turned = any(a.name == "transB" and a.i for a in node.attribute)
        for name in names.get(node.op_type, ()):
            array = numpy_helper.to_array(tensors[name]).copy()
            axis = 1 if node.op_type in ("Gemm", "MatMul") and array.ndim == 2 and not turned else 0
            np.moveaxis(array, axis, 0)[indices] = 0
            tensors[name].CopyFrom(numpy_helper.from_array(array, name))


@pytest.mark.parametrize("zoo", ZOO)
def test_cutting_zero_channels_changes_nothing(zoo):
    proto = model(zoo)
    groups = find_groups(proto)
    assert groups
    kept = {}
    for number, group in enumerate(groups):
        gone = np.arange(number % 2, group.size, 3)[: group.size - 1]
        silence(proto, group, gone)
        kept[group.name] = np.setdiff1d(np.arange(group.size), gone)
    small = keep_channels(proto, kept)
    onnx.checker.check_model(small, full_check=True)
    np.testing.assert_allclose(run(small), run(proto), rtol=1e-4, atol=1e-5)
    assert count_parameters(small) < count_parameters(proto)
    assert count_macs(small) < count_macs(proto)


@pytest.mark.parametrize("zoo", ZOO)
@given(data=st.data())
@settings(max_examples=3, deadline=None)
def test_any_widths_give_a_valid_model(zoo, data):
    proto = model(zoo)
    widths = {group.name: data.draw(st.integers(min(2, group.size), group.size)) for group in find_groups(proto)}
    small = keep_channels(proto, {g.name: most_important(proto, g, widths[g.name]) for g in find_groups(proto)})
    onnx.checker.check_model(small, full_check=True)
    assert {group.name: group.size for group in find_groups(small)} == widths
    assert run(small).shape == (2, 5)


def test_groups_of_a_residual_network():
    sizes = {group.name: (group.size, len(group.producers)) for group in find_groups(model("resnet8x4"))}
    assert sizes == {
        "stem": (4, 1),
        "stage1.block0.conv1": (6, 1),
        "stage1.block0.conv2": (6, 2),
        "stage2.block0.conv1": (8, 1),
        "stage2.block0.conv2": (8, 2),
        "stage3.block0.conv1": (10, 1),
        "stage3.block0.conv2": (10, 2),
    }


def test_an_identity_skip_ties_the_layers_on_both_sides():
    proto = model("resnet20", {"blocks": 2, "channels": [4, 4, 6, 8]})
    stem = next(group for group in find_groups(proto) if group.name == "stem")
    assert [producer.layer for producer in stem.producers] == ["stem", "stage1.block0.conv2", "stage1.block1.conv2"]


GRAPH = """
<ir_version: 8, opset_import: ["" : 13]>
g (float[N,2,4,4] x) => (float[N,3] y)
<float[4,2,1,1] a, float[4,2,1,1] grouped, float[4,4,1,1] b, float[4] scale, int64[2] shape = {0, 64}, float[64,3] w>
{
    p = Conv(x, a)
    q = NODE
    r = Relu(q)
    f = Reshape(r, shape)
    y = MatMul(f, w)
}
"""


@pytest.mark.parametrize(
    ("node", "names"),
    [
        ("Conv(p, b)", ["p", "q"]),
        ("Conv<group = 2>(p, grouped)", []),
        ("PRelu(p, slope)", ["p"]),
        ("Mul(p, p)", ["p"]),
        ("Softmax<axis = 1>(p)", []),
        ("Transpose<perm = [0, 1, 3, 2]>(p)", []),
    ],
)
def test_what_is_not_known_is_left_alone(node, names):
    text = GRAPH.replace("float[4] scale", "float[4,1,1] slope")
    proto = onnx.parser.parse_model(text.replace("NODE", node))
    random = np.random.default_rng(0)
    used = {name for part in proto.graph.node for name in part.input}
    for value in proto.graph.value_info:  # declared without numbers
        if value.name in used:
            fill(
                proto.graph.initializer.add(name=value.name),
                random.random([d.dim_value for d in value.type.tensor_type.shape.dim]),
            )
    del proto.graph.value_info[:]
    groups = find_groups(proto)
    assert [group.name for group in groups] == names
    small = keep_channels(proto, {group.name: np.array([0, 2]) for group in groups})
    assert run(small, (2, 4, 4)).shape == (2, 3)


def test_the_most_important_stay():
    proto = model("flexstudent")
    group = find_groups(proto)[0]
    weight = next(tensor for tensor in proto.graph.initializer if tensor.name == "conv1.weight")
    array = numpy_helper.to_array(weight).copy()
    array[[1, 4]] *= 9
    weight.CopyFrom(numpy_helper.from_array(array, weight.name))
    assert list(most_important(proto, group, 2)) == [1, 4]


def opened(tmp_path, proto):
    runner = make_runner(tmp_path)
    artifact = runner.session.store.put_model(proto)
    job = make_job(tmp_path, runner=runner)
    return contributions("search_spaces")["channels"].open(artifact, job), artifact, job


def test_the_space_starts_from_the_model_itself(tmp_path):
    space, artifact, job = opened(tmp_path, model("flexstudent"))
    assert space.baseline == {"conv1": 6, "conv2": 12, "conv3": 24, "fc1": 10}
    assert space.express(space.baseline, artifact, job).model == artifact
    least = {name: gene.value(0) for name, gene in space.genes.items()}
    made = space.express(least, artifact, job).model
    assert {group.name: group.size for group in find_groups(made.proto())} == least
    assert (made.inputs, made.outputs) == (artifact.inputs, artifact.outputs)


def test_a_model_without_hidden_layers_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no channels that can be cut"):
        opened(tmp_path, model("mlp", {"hidden": []}))
