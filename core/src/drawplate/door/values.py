# SPDX-License-Identifier: Apache-2.0
"""Small questions about values of an onnx-ir graph, and small changes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray


def constant(value: ir.Value | None) -> NDArray[Any] | None:
    """What a value holds where that is known: an initializer's, or a Constant node's."""
    import onnx_ir as ir

    if value is None:
        return None
    tensor = ir.convenience.get_const_tensor(value)
    return None if tensor is None else tensor.numpy()


def is_initializer(value: ir.Value | None) -> bool:
    """Whether a value is an initializer, which training may change; a Constant node's value stays."""
    return value is not None and value.is_initializer()


def add_initializer(graph: ir.Graph, name: str, array: NDArray[Any]) -> ir.Value:
    """Add an initializer, under another name where this one is taken."""
    import onnx_ir as ir

    wish, count = name, 1
    while name in graph.initializers:
        count += 1
        name = f"{wish}_{count}"
    tensor = ir.tensor(array, name=name)
    value = ir.Value(name=name, const_value=tensor, shape=tensor.shape, type=ir.TensorType(tensor.dtype))  # type: ignore[arg-type]
    graph.register_initializer(value)
    return value


def add_constant(graph: ir.Graph, name: str, array: NDArray[Any], before: ir.Node) -> ir.Value:
    """Add a Constant node, whose value no training changes, in front of a node."""
    import onnx_ir as ir

    made = ir.node("Constant", [], attributes={"value": ir.tensor(array, name=name)}, name=name)
    made.outputs[0].name = name
    graph.insert_before(before, made)
    return made.outputs[0]


def replace(old: ir.Value, new: ir.Value) -> None:
    """Let every reader of a value read another one; a graph output keeps its name."""
    import onnx_ir as ir

    name, output = old.name, old.is_graph_output()
    ir.convenience.replace_all_uses_with(old, new, replace_graph_outputs=True)
    if output:
        old.name = f"{name}.before"
        new.name = name


def bypass(graph: ir.Graph, node: ir.Node) -> bool:
    """Remove a node whose first output is its first input; tell whether that was possible.

    It is not where an input of the graph, or a constant, would become its output.
    """
    (source, given) = node.inputs[0], node.outputs[0]
    if source is None:
        return False
    if given.is_graph_output() and (source.producer() is None or source.is_graph_output()):
        return False
    replace(given, source)
    graph.remove(node, safe=True)
    return True


def names_of(nodes: list[str], shown: int = 3) -> str:
    """The first few names, quoted, for a message."""
    listed = ", ".join(repr(name) for name in nodes[:shown])
    return listed + (f" and {len(nodes) - shown} more" if len(nodes) > shown else "")
