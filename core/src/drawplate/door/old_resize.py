# SPDX-License-Identifier: Apache-2.0
"""Resize and Upsample before opset 11, which had no attributes for what they did: written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.walk import bodies
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    from onnx import ModelProto

FIRST_WITH_MODES = 11


def say_modes(proto: ModelProto) -> None:
    """Give every Resize the modes of the old operators, in place; onnx's converter leaves it the new ones' defaults.

    Args:
        proto: converted from an opset before 11, so that every Resize was an old one.
    """
    from onnx import helper, numpy_helper

    scales = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    for body in bodies(proto):
        for node in body:
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                scales[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
            if node.op_type != "Resize" or node.domain not in STANDARD:
                continue
            given = scales.get(node.input[2]) if len(node.input) > 2 else None
            # As ONNX Runtime keeps it: the pixel before, but the one behind where the picture shrinks.
            shrinks = given is not None and bool((given < 1).any()) and not bool((given > 1).any())
            node.attribute.append(helper.make_attribute("coordinate_transformation_mode", "asymmetric"))
            node.attribute.append(helper.make_attribute("nearest_mode", "ceil" if shrinks else "floor"))
