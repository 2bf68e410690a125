# SPDX-License-Identifier: Apache-2.0
"""Outputs without dimensions, as an exporter leaves the scale of a quantized tensor, are checked like any other."""

from __future__ import annotations

import onnx

from drawplate.door import take_in


def test_an_output_without_dimensions_is_compared():
    proto = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]>
        g (float[1, 4] input) => (float[1, 4] y, float scale) {
            same = Identity (input)
            y = Relu (same)
            scale = ReduceMax <keepdims = 0> (y)
        }"""
    )
    entered = take_in(proto)
    assert entered.changes
    assert [value.name for value in entered.proto.graph.output] == ["y", "scale"]
