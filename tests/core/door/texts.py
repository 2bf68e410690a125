# SPDX-License-Identifier: Apache-2.0
"""Models in ONNX text, with random weights for the names that nothing makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

Q = "qonnx.custom_op.general"


def model(
    body: str,
    *,
    given: str = "float[N,3,8,8] x",
    out: str = "float[N,4] y",
    opset: int = 13,
    domains: tuple[str, ...] = (),
    functions: str = "",
    ir: int = 8,
    **weights: Any,
) -> onnx.ModelProto:
    """Parse nodes; a weight is a shape, or an array."""
    imports = ", ".join([f'"":{opset}', *(f'"{domain}":1' for domain in domains)])
    proto = onnx.parser.parse_model(
        f"<ir_version: {ir}, opset_import: [{imports}]> g ({given}) => ({out}) {{ {body} }} {functions}"
    )
    random = np.random.default_rng(3)
    for name, value in weights.items():
        held = value
        if isinstance(value, tuple):
            held = random.standard_normal(value).astype(np.float32) / 2
        if name.startswith("var"):
            held = np.abs(held) + 0.5
        proto.graph.initializer.append(numpy_helper.from_array(np.asarray(held), name))
    for node in proto.graph.node:
        node.name = node.name or node.output[0]
    return proto


def kinds(proto: onnx.ModelProto) -> list[str]:
    """Operators in order."""
    return [node.op_type for node in proto.graph.node]


def shape(value: onnx.ValueInfoProto) -> list[int | str]:
    """Shape of an input or output."""
    return [dim.dim_value or dim.dim_param for dim in value.type.tensor_type.shape.dim]


def held(proto: onnx.ModelProto) -> Mapping[str, np.ndarray]:
    """Initializers by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
