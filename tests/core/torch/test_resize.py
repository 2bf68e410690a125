# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Resize against ONNX Runtime, over modes, coordinate transformations and sizes."""

import itertools

import numpy as np
import pytest
import torch
from onnx import helper, numpy_helper

from drawplate.errors import ModelError
from drawplate.ort.session import open_session
from drawplate.torch import OnnxModule

COORDINATES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric")
NEAREST = ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")
MODES = {
    **{f"nearest {rule}": {"mode": "nearest", "nearest_mode": rule} for rule in NEAREST},
    "linear": {"mode": "linear"},
    "linear antialiased": {"mode": "linear", "antialias": 1},
    "cubic": {"mode": "cubic"},
    "cubic of another curve": {"mode": "cubic", "cubic_coeff_a": -0.5},
    "cubic of what is inside": {"mode": "cubic", "exclude_outside": 1},
}
TARGETS = [("sizes", (1, 1)), ("sizes", (3, 1)), ("sizes", (16, 7)), ("scales", (0.5, 2.0)), ("scales", (0.7, 1.7))]


def model(shape, kind, target, opset=19, operator="Resize", **attributes):
    values = np.array(target, np.int64 if kind == "sizes" else np.float32)
    inputs = ["x", "", "", kind] if kind == "sizes" else ["x", "", kind]
    if opset < 11:
        inputs = ["x", kind]
    graph = helper.make_graph(
        [helper.make_node(operator, inputs, ["y"], name="resize", **attributes)],
        "g",
        [helper.make_tensor_value_info("x", 1, shape)],
        [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(values, kind)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def check(proto, shape):
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    expected = open_session(proto, threads=1, exact=True).run(None, {"x": x})[0]
    taken = torch.from_numpy(x).requires_grad_()
    found = OnnxModule(proto, {})(taken)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-5)
    found.sum().backward()
    assert torch.isfinite(taken.grad).all()


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("mode", MODES)
def test_as_onnxruntime_does(mode, coordinates):
    for (height, width), (kind, target) in itertools.product(((2, 3), (5, 4), (1, 8)), TARGETS):
        if kind == "scales" and min(int(height * target[0]), int(width * target[1])) < 1:
            continue
        shape = (2, 3, height, width)
        whole = ((2, 3) if kind == "sizes" else (1, 1)) + target
        check(model(shape, kind, whole, coordinate_transformation_mode=coordinates, **MODES[mode]), shape)


def test_to_one_pixel():
    shape = (1, 1, 4, 4)
    attributes = {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"}
    proto = model(shape, "sizes", (1, 1, 1, 1), opset=13, **attributes)
    check(proto, shape)
    x = torch.arange(16.0).reshape(shape)
    assert OnnxModule(proto, {})(x).item() == 0


@pytest.mark.parametrize("shape", [(2, 3, 7), (2, 3, 4, 4, 4)])
def test_other_numbers_of_dimensions(shape):
    whole = (1, 1) + (2,) * (len(shape) - 2)
    check(model(shape, "scales", whole, mode="nearest"), shape)


def test_of_some_axes():
    check(model((2, 3, 4, 5), "sizes", (8, 3), axes=[2, 3], mode="linear"), (2, 3, 4, 5))


@pytest.mark.parametrize(("operator", "opset"), [("Upsample", 9), ("Resize", 10)])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_before_coordinates_could_be_chosen(operator, opset, mode):
    check(model((1, 2, 3, 5), "scales", (1, 1, 2, 3), opset=opset, operator=operator, mode=mode), (1, 2, 3, 5))


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"coordinate_transformation_mode": "tf_crop_and_resize"}, "crops while it resizes"),
        ({"keep_aspect_ratio_policy": "not_larger"}, "keeps the aspect ratio"),
    ],
)
def test_what_is_not_handled_is_named(attributes, said):
    proto = model((1, 1, 4, 4), "sizes", (1, 1, 8, 8), mode="linear", **attributes)
    with pytest.raises(ModelError, match=f"layer 'resize' .*{said}"):
        OnnxModule(proto, {})
