# SPDX-License-Identifier: Apache-2.0
"""A Split into a number of parts that do not come out even: since opset 18 the last is smaller, before it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawplate.door.values import add_initializer, names_of
from drawplate.graph.facts import STANDARD
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    import onnx_ir as ir


def tell_sizes(model: ir.Model) -> list[str]:
    """Write the sizes of such parts, which every opset reads alike."""
    import onnx_ir as ir

    nodes = [node for node in model.graph if node.op_type == "Split" and node.domain in STANDARD]
    nodes = [node for node in nodes if "num_outputs" in node.attributes and node.inputs[0] is not None]
    if not nodes:
        return []
    inferred, told = infer(ir.to_proto(model)), []
    for node in nodes:
        shape = inferred.static(str(node.inputs[0].name))  # type: ignore[union-attr]
        axis, parts = node.attributes.get_int("axis", 0), node.attributes["num_outputs"].as_int()
        if shape is None or axis == 0 or axis == -len(shape) or shape[axis] % parts == 0:
            continue
        each = -(-shape[axis] // parts)
        sizes = np.array([each] * (parts - 1) + [shape[axis] - each * (parts - 1)], np.int64)
        del node.attributes["num_outputs"]
        node.resize_inputs(2)
        node.replace_input_with(1, add_initializer(model.graph, f"{node.name}.sizes", sizes))
        told.append(str(node.name))
    return [f"sizes of the parts of {names_of(told)} written out"] if told else []
