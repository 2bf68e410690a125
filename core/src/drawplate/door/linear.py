# SPDX-License-Identifier: Apache-2.0
"""Linear models of ``ai.onnx.ml``, as scikit-learn's converter writes them, in standard operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from drawplate.door.values import add_constant, add_initializer, names_of

if TYPE_CHECKING:
    import onnx_ir as ir

ML = "ai.onnx.ml"
SUMS_TO_ONE = frozenset({"SOFTMAX"})


def write_linear(model: ir.Model) -> list[str]:
    """Write what can be written, in place."""
    written = []
    for node in list(model.graph):
        writer = _WRITERS.get(node.op_type) if node.domain == ML else None
        if writer is not None and writer(model.graph, node):
            written.append(f"{node.name} ({node.op_type})")
    return [f"{names_of(written)} written in standard operators"] if written else []


def _floats(node: ir.Node, name: str) -> np.ndarray[Any, Any]:
    found = node.attributes.get(name)
    return np.asarray(found.as_floats() if found is not None else [], np.float32)


def _text(node: ir.Node, name: str, default: str) -> str:
    return node.attributes[name].as_string() if name in node.attributes else default


def _scaler(graph: ir.Graph, node: ir.Node) -> bool:
    """``(x - offset) * scale``: settings, which no training changes."""
    import onnx_ir as ir

    offset, scale = _floats(node, "offset"), _floats(node, "scale")
    if not offset.size or not scale.size:
        return False
    held = [
        add_constant(graph, f"{node.name}.{name}", value, node)
        for name, value in (("offset", offset), ("scale", scale))
    ]
    less = ir.node("Sub", [node.inputs[0], held[0]], name=f"{node.name}.less")
    less.outputs[0].name = f"{node.name}.less"
    _take_over(graph, node, 0, [less, ir.node("Mul", [less.outputs[0], held[1]], name=node.name)])
    return True


def _regressor(graph: ir.Graph, node: ir.Node) -> bool:
    targets = node.attributes["targets"].as_int() if "targets" in node.attributes else 1
    if _text(node, "post_transform", "NONE") != "NONE":
        return False
    _take_over(graph, node, 0, _gemm(graph, node, targets))
    return True


def _classifier(graph: ir.Graph, node: ir.Node) -> bool:
    """Its scores, where nobody reads its label."""
    import onnx_ir as ir

    label, scores = node.outputs[0], node.outputs[1]
    rows, kind = _floats(node, "intercepts").size, _text(node, "post_transform", "NONE")
    if label.uses() or label.is_graph_output() or rows < 2 or kind not in ("NONE", "SOFTMAX"):
        return False
    nodes = _gemm(graph, node, rows)
    if kind == "SOFTMAX":
        nodes[-1].outputs[0].name = f"{node.name}.logits"
        nodes.append(ir.node("Softmax", [nodes[-1].outputs[0]], attributes={"axis": -1}, name=f"{node.name}.softmax"))
    for use in tuple(scores.uses()):
        follows = use.node.op_type == "Normalizer" and use.node.domain == ML
        if kind in SUMS_TO_ONE and follows and _text(use.node, "norm", "MAX") == "L1":
            _take_over(graph, use.node, 0, [ir.node("Identity", [scores], name=use.node.name)])
    _take_over(graph, node, 1, nodes)
    return True


def _gemm(graph: ir.Graph, node: ir.Node, rows: int) -> list[ir.Node]:
    import onnx_ir as ir

    weight = _floats(node, "coefficients").reshape(rows, -1)
    bias = _floats(node, "intercepts") if "intercepts" in node.attributes else np.zeros(rows, np.float32)
    held = [
        add_initializer(graph, f"{node.name}.{name}", value) for name, value in (("weight", weight), ("bias", bias))
    ]
    return [ir.node("Gemm", [node.inputs[0], *held], attributes={"transB": 1}, name=node.name)]


def _take_over(graph: ir.Graph, node: ir.Node, position: int, nodes: list[ir.Node]) -> None:
    """Put nodes in the place of one whose other outputs nobody reads."""
    import onnx_ir as ir

    given, last = node.outputs[position], nodes[-1].outputs[0]
    name = given.name
    graph.insert_before(node, nodes)
    last.type, last.shape = given.type, given.shape
    ir.convenience.replace_all_uses_with(given, last, replace_graph_outputs=True)
    given.name, last.name = f"{name}.before", name
    graph.remove(node, safe=True)


_WRITERS: dict[str, Callable[[ir.Graph, ir.Node], bool]] = {
    "Scaler": _scaler,
    "LinearRegressor": _regressor,
    "LinearClassifier": _classifier,
}
