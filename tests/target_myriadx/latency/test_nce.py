# SPDX-License-Identifier: Apache-2.0
"""The cost of convolutions without the compiler is the compiler's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from drawplate.errors import DrawplateError
from drawplate_target_myriadx.advice import LayerCost
from drawplate_target_myriadx.compiler import compile_model
from drawplate_target_myriadx.latency import load_model
from drawplate_target_myriadx.latency.work import ideal_cycles, stage_cycles
from drawplate_target_myriadx.nce import conv_cycles, conv_tiling, depthwise_cycles, depthwise_stages, steps
from drawplate_target_myriadx.options import ExportOptions
from drawplate_target_myriadx.prepare import prepare


def convolution(inputs, outputs, kernel, size, groups=1):
    weights = np.full((outputs, inputs // groups, kernel, kernel), 0.01, np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="y", pads=[kernel // 2] * 4, group=groups)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, inputs, size, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, outputs, size, size])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def compiled_cycles(tool, folder, proto):
    blob = compile_model(prepare(proto).proto, ExportOptions(), tool, folder).blob
    hardware = [stage for stage in blob.stages if stage.hardware]
    return hardware, sum(stage_cycles(stage) for stage in hardware)


@pytest.mark.myriad
@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [(8, 8), (16, 40), (24, 65), (32, 96), (64, 48), (64, 128), (100, 17), (128, 256), (256, 256)],
)
def test_dense_convolutions_cost_what_the_compiler_says(tool, tmp_path, inputs, outputs, kernel):
    stages, cycles = compiled_cycles(tool, tmp_path, convolution(inputs, outputs, kernel, 8))
    tiling = conv_tiling(inputs, outputs, kernel)
    assert cycles == tiling.cycles * 64
    assert sum(len(stage.operations) for stage in stages) == tiling.descriptors


@pytest.mark.myriad
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("channels", [8, 32, 40, 64, 96, 144])
def test_depthwise_convolutions_cost_what_the_compiler_says(tool, tmp_path, channels, kernel):
    stages, cycles = compiled_cycles(tool, tmp_path, convolution(channels, channels, kernel, 8, groups=channels))
    assert cycles == depthwise_cycles(channels, kernel) * 64
    assert len(stages) == depthwise_stages(channels, kernel)


@pytest.mark.myriad
def test_no_stage_is_better_than_ideal(tool, tmp_path):
    stages, _ = compiled_cycles(tool, tmp_path, convolution(64, 64, 3, 8))
    assert all(0 < ideal_cycles(stage) <= stage_cycles(stage) for stage in stages)


def test_pruning_within_a_step_gains_nothing():
    assert conv_cycles(64, 40, 3) == conv_cycles(64, 48, 3) == conv_cycles(64, 64, 3) == 155
    assert conv_cycles(64, 65, 3) == conv_cycles(64, 96, 3) == 273
    found = steps(64, 48, 3)
    assert (found.up_to, found.below, found.cycles, found.cycles_below) == (64, 32, 155, 91)


@settings(deadline=None)
@given(inputs=st.integers(1, 400), outputs=st.integers(1, 400), kernel=st.sampled_from([1, 3, 5]))
def test_more_channels_never_cost_less_and_steps_are_where_the_cost_changes(inputs, outputs, kernel):
    found = steps(inputs, outputs, kernel)
    assert found.below < outputs <= found.up_to
    assert conv_cycles(inputs, found.up_to, kernel) == found.cycles < conv_cycles(inputs, found.up_to + 1, kernel)
    if found.below:
        assert conv_cycles(inputs, found.below, kernel) < conv_cycles(inputs, found.below + 1, kernel) == found.cycles


def test_a_kernel_that_does_not_fit_is_refused():
    with pytest.raises(DrawplateError, match="17x17"):
        conv_cycles(3, 8, 17)


def test_descriptors_count_where_pixels_are_few():
    """96 channels take fewer cycles than 128, and more descriptors, which decide for an image of 4 x 4."""
    large, small = (convolution_cost(pixels) for pixels in (32 * 32, 4 * 4))
    assert (large.up_to, large.below) == (128, 96)
    assert (small.up_to, small.below) == (128, 64)


def convolution_cost(pixels):
    cost = LayerCost(layer="c", inputs=64, outputs=128, kernel=3, pixels=pixels, depthwise=False)
    return cost.steps(load_model())
