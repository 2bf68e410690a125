# SPDX-License-Identifier: Apache-2.0
"""Models of OpenVINO and NNCF: FakeQuantize enters as Quant, other files are refused by what they are."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from drawplate.artifact import Form
from drawplate.door import take_in
from drawplate.errors import ModelError
from drawplate.model_file import detect_form, load_model
from drawplate.torch import OnnxModule


def fake(low, high, levels, out=None, shape=(1, 3)):
    out_low, out_high = out or (low, high)
    numbers = {"il": low, "ih": high, "ol": out_low, "oh": out_high}
    node = helper.make_node(
        "FakeQuantize", ["x", *numbers], ["y"], name="fq", domain="org.openvinotoolkit", levels=levels
    )
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", *shape[1:]])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", *shape[1:]])],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in numbers.items()],
    )
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("org.openvinotoolkit", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def reference(x, low, high, levels):
    """OpenVINO's own definition, in float64."""
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    inside = np.clip(x.astype(np.float64), low, high)
    return np.round((inside - low) / (high - low) * (levels - 1)) / (levels - 1) * (high - low) + low


@pytest.mark.parametrize(
    ("low", "high", "levels"),
    [
        (-1.28, 1.27, 256),
        (-1.27, 1.27, 255),
        (0.0, 2.55, 256),
        (-0.5, 2.05, 256),
        (-0.07, 0.07, 15),
        ([[-1.27, -2.54, -0.635]], [[1.27, 2.54, 0.635]], 255),
    ],
)
def test_fake_quantize_rounds_as_openvino_says(low, high, levels):
    import torch

    entered = take_in(fake(low, high, levels))
    assert detect_form(entered.proto) is Form.QONNX
    assert "1 FakeQuantize of OpenVINO written as Quant" in entered.changes
    x = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    found = OnnxModule(entered.proto).eval()(torch.from_numpy(x)).detach().numpy()
    wanted = reference(x, low, high, levels)
    step = (np.asarray(high) - np.asarray(low)) / (levels - 1)
    assert (np.abs(found - wanted) > step * 1e-3).mean() < 0.01


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (fake(0.3, 1.0, 256), "has no code for 0"),
        (fake(0.0, 1.0, 100), "has 100 levels"),
        (fake(0.0, 1.0, 256, out=(0.0, 2.0)), "rounds to another range"),
        (fake(1.0, 1.0, 256), "has an empty range"),
    ],
)
def test_ranges_that_integers_do_not_have_are_refused_by_layer(model, said):
    with pytest.raises(ModelError, match=rf"layer 'fq' \(FakeQuantize\): {said}|layer fq \(FakeQuantize\): {said}"):
        take_in(model)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<?xml version="1.0"?><net name="m">', r"is an OpenVINO model \(IR\)(.|\n)*nncf.quantize"),
        (b"\x20\0\0\0TFL3\0\0\0\0", "is a TensorFlow Lite model"),
        (b"\x89HDF\r\n\x1a\n\0\0", "is an HDF5 file"),
        (b"PK\x03\x04\x14\0\0\0", r"is an archive(.|\n)*weights"),
    ],
)
def test_other_model_files_are_refused_by_what_they_are(tmp_path, data, said):
    (tmp_path / "m.xml").write_bytes(data)
    with pytest.raises(ModelError, match=said):
        load_model(tmp_path / "m.xml")
