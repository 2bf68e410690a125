# SPDX-License-Identifier: Apache-2.0
"""QONNX's quantizers: float32 parameters, and attributes that are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawplate.door.values import add_constant, add_initializer, constant, is_initializer
from drawplate.graph.facts import DEFAULTS, QONNX_DOMAIN, QUANT_OPS

if TYPE_CHECKING:
    import onnx_ir as ir

MODES = {"ROUND_TO_ZERO": "DOWN"}
"""Brevitas' names of rounding modes that QONNX calls something else."""


def plain_quantizers(model: ir.Model) -> list[str]:
    """Give quantizers float32 parameters and all their attributes."""
    import onnx_ir as ir

    typed, told, renamed = 0, 0, set()
    for node in list(model.graph):
        if node.op_type not in QUANT_OPS or node.domain != QONNX_DOMAIN:
            continue
        for position, value in list(enumerate(node.inputs))[1:]:
            held = constant(value)
            if value is not None and held is not None and held.dtype != np.float32:
                plain, name = held.astype(np.float32), f"{value.name}.float"
                trained = is_initializer(value)
                graph = model.graph
                new = add_initializer(graph, name, plain) if trained else add_constant(graph, name, plain, node)
                node.replace_input_with(position, new)
                typed += 1
        renamed |= _usual_mode(node)
        for name, default in DEFAULTS.get(node.op_type, {}).items():
            if name not in node.attributes:
                node.attributes[name] = ir.convenience.convert_attribute(name, default)
                told += 1
    said = [f"{typed} parameters of quantizers made FLOAT"] if typed else []
    said += [f"rounding mode {name} written {new}" for name, new in sorted(renamed)]
    return said + ([f"{told} attributes of quantizers written out with QONNX's defaults"] if told else [])


def _usual_mode(node: ir.Node) -> set[tuple[str, str]]:
    """Write a rounding mode as QONNX does: in capitals, and Brevitas' name for DOWN by QONNX's."""
    import onnx_ir as ir

    given = node.attributes["rounding_mode"].as_string() if "rounding_mode" in node.attributes else ""
    usual = MODES.get(given.upper(), given.upper())
    if usual == given:
        return set()
    node.attributes["rounding_mode"] = ir.AttrString("rounding_mode", usual)
    return {(given, usual)}
