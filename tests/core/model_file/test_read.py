# SPDX-License-Identifier: Apache-2.0
"""What is read out of model files that are in order, and single traps of those that are not."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from drawplate.artifact import Form, TensorSpec
from drawplate.errors import ModelError
from drawplate.model_file import detect_form, load_model, read_model, tensor_specs, write_bytes


def parsed(body: str, opsets: str = '"" : 13') -> onnx.ModelProto:
    return onnx.parser.parse_model(f"<ir_version: 8, opset_import: [{opsets}]> g {body}")


RELU = "(float[N,3] x) => (float[N,3] y) { y = Relu(x) }"


def saved(model, folder, name="model.onnx"):
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def test_a_model_in_order_is_read_as_it_is(tiny, tmp_path):
    assert read_model(saved(tiny, tmp_path)) == tiny


@pytest.mark.parametrize("content", [b"", b"\x00", b"not a model at all", b"\x89PNG\r\n\x1a\n"])
def test_other_files_are_refused(content, tmp_path):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"other\.onnx"):
        read_model(path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"Relu", r"graph\.node\[0\]\.op_type"),
        (b"axis", r"graph\.node\[1\]\.attribute\[0\]\.name"),
        (b"mode", r"graph\.node\[1\]\.attribute\[1\]\.s"),
        (b"free", r"graph\.output\[0\]\.type\.tensor_type\.shape\.dim\[0\]\.dim_param"),
    ],
)
def test_strings_that_are_no_text_are_refused_where_they_are(text, place, tmp_path):
    model = parsed('(float[N,3] x) => (float[free,3] y) { r = Relu(x) y = Some <axis=1, m="mode"> (r) }')
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString().replace(text, b"\xef" + text[1:]))
    with pytest.raises(ModelError, match=rf"is damaged: {place} is no UTF-8 text"):
        load_model(path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent.onnx"):
        with pytest.raises(ModelError, match="cannot be read"):
            read_model(path)


def test_the_file_beside_a_missing_one_is_named(tiny, tmp_path):
    saved(tiny, tmp_path, "student.onnx")
    with pytest.raises(ModelError, match=r"did you mean: .*student\.onnx"):
        read_model(tmp_path / "studnet.onnx")


def test_operators_of_foreign_domains_are_let_through(tmp_path):
    model = parsed("(float[N,3] x) => (float[N,3] y) { y = my.chip.Warp(x) }", '"" : 13, "my.chip" : 1')
    assert read_model(saved(model, tmp_path)).graph.node[0].domain == "my.chip"


@pytest.mark.parametrize(
    ("domain", "kind", "form"),
    [
        ("", "Relu", Form.FLOAT),
        ("my.chip", "Quant2", Form.FLOAT),
        ("qonnx.custom_op.general", "Quant", Form.QONNX),
        ("onnx.brevitas", "BipolarQuant", Form.QONNX),
        ("finn.custom_op.fpgadataflow", "MVAU", Form.DATAFLOW),
        ("finn.custom_op.fpgadataflow.hls", "MVAU_hls", Form.DATAFLOW),
    ],
)
def test_form(domain, kind, form):
    model = parsed(RELU)
    model.graph.node[0].domain, model.graph.node[0].op_type = domain, kind
    assert detect_form(model) is form


def test_specs_leave_initializers_out_and_name_free_dimensions():
    model = parsed("(float[N,3] x, float[3] w) => (float[N,3] y) <float[3] w = {1, 2, 3}> { y = Mul(x, w) }")
    model.graph.input[0].type.tensor_type.shape.dim[1].Clear()
    inputs, outputs = tensor_specs(model)
    assert inputs == (TensorSpec(name="x", shape=("N", "d1"), dtype="float32"),)
    assert outputs == (TensorSpec(name="y", shape=("N", 3), dtype="float32"),)


@given(st.permutations(["a", "b", "c", "d"]))
def test_equal_models_are_equal_bytes(order):
    """Metadata keep their order, so models are equal only if it is equal; the bytes do not depend on how they arose."""
    model = parsed(RELU)
    for key in order:
        model.metadata_props.add(key=key, value=key)
    again = onnx.ModelProto.FromString(model.SerializeToString())
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    assert write_bytes(model) == write_bytes(again) == write_bytes(copy)
    assert onnx.ModelProto.FromString(write_bytes(model)) == model


# external data --------------------------------------------------------------------------------------------------------


def external(model, location, **fields) -> onnx.ModelProto:
    tensor = model.graph.initializer[0]
    for kind in ("raw_data", "float_data"):
        tensor.ClearField(kind)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **fields}.items():
        tensor.external_data.add(key=key, value=str(value))
    return model


def test_external_data_inside_are_taken_in(tiny, tmp_path):
    weight = numpy_helper.to_array(tiny.graph.initializer[0])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weight.bin").write_bytes(b"\0" * 16 + weight.tobytes())
    path = saved(external(tiny, "data/weight.bin", offset=16, length=weight.nbytes), tmp_path)
    read = read_model(path)
    (tmp_path / "data" / "weight.bin").unlink()
    np.testing.assert_array_equal(numpy_helper.to_array(read.graph.initializer[0]), weight)
    assert not read.graph.initializer[0].external_data


@pytest.mark.parametrize("location", ["../weight.bin", "/etc/hostname", "a/../../weight.bin", "link.bin", "."])
def test_external_data_outside_are_refused(location, tiny, tmp_path):
    (tmp_path / "weight.bin").write_bytes(bytes(2560))
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "weight.bin")
    with pytest.raises(ModelError, match="outside the model's folder"):
        read_model(saved(external(tiny, location), folder))


@pytest.mark.parametrize("fields", [{"length": 100}, {"offset": 4}, {"length": "all"}, {"offset": -8}])
def test_external_data_of_a_wrong_size_are_refused(fields, tiny, tmp_path):
    (tmp_path / "weight.bin").write_bytes(bytes(2560))
    with pytest.raises(ModelError, match=r"weight|elements|external"):
        read_model(saved(external(tiny, "weight.bin", **fields), tmp_path))


def secret_tensor() -> TensorProto:
    tensor = TensorProto(name="secret", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../secret.bin")
    return tensor


def in_a_constant(model) -> None:
    model.graph.node.insert(0, helper.make_node("Constant", [], ["c"], value=secret_tensor()))


def in_a_function(model) -> None:
    body = [helper.make_node("Constant", [], ["c"], value=secret_tensor()), helper.make_node("Add", ["a", "c"], ["b"])]
    model.functions.append(helper.make_function("mine", "Leak", ["a"], ["b"], body, [helper.make_opsetid("", 13)]))
    model.opset_import.append(helper.make_opsetid("mine", 1))
    model.graph.node.append(helper.make_node("Leak", ["y"], ["z"], domain="mine"))


def in_a_branch(model) -> None:
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=secret_tensor())],
        "branch",
        [],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, [3])],
    )
    truth = numpy_helper.from_array(np.asarray(True), "truth")
    model.graph.initializer.append(truth)
    model.graph.node.append(helper.make_node("If", ["truth"], ["z"], then_branch=branch, else_branch=branch))


def in_a_sparse_tensor(model) -> None:
    indices = numpy_helper.from_array(np.asarray([0, 1, 2]), "indices")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(secret_tensor(), indices, [3]))


@pytest.mark.parametrize("hide", [in_a_constant, in_a_function, in_a_branch])
def test_external_data_are_found_wherever_they_hide(hide, tmp_path):
    (tmp_path / "secret.bin").write_bytes(bytes(12))
    folder = tmp_path / "inner"
    folder.mkdir()
    model = parsed(RELU)
    hide(model)
    with pytest.raises(ModelError, match="outside the model's folder"):
        read_model(saved(model, folder))


def test_sparse_tensors_are_refused(tmp_path):
    model = parsed(RELU)
    in_a_sparse_tensor(model)
    with pytest.raises(ModelError, match=r"model\.onnx, tensor 'secret': is sparse"):
        read_model(saved(model, tmp_path))


# shapes that lie ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tensor",
    [
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**15, 2**15], float_data=[1.0]),
        TensorProto(name="w", data_type=TensorProto.INT64, dims=[5], int64_data=[1, 2]),
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], raw_data=bytes(8)),
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], int32_data=[1, 2, 3]),
        TensorProto(name="w", data_type=TensorProto.FLOAT16, dims=[7], int32_data=[1, 2, 3]),
        TensorProto(name="w", data_type=TensorProto.INT4, dims=[100], raw_data=bytes(3)),
    ],
    ids=["float", "int64", "raw", "field of another type", "float16", "int4"],
)
def test_a_tensor_whose_shape_does_not_match_its_numbers_is_refused(tensor, tmp_path):
    model = parsed(RELU)
    model.graph.initializer.append(tensor)
    with pytest.raises(ModelError, match=r"'w'|: w|name: w|data_type"):
        read_model(saved(model, tmp_path))


def test_whatever_is_read_can_be_turned_into_arrays(tiny, tmp_path):
    for tensor in read_model(saved(tiny, tmp_path)).graph.initializer:
        assert numpy_helper.to_array(tensor).shape == tuple(tensor.dims)
