# SPDX-License-Identifier: Apache-2.0
"""Constants computed once: chains of shapes as ``x.view(x.shape[0], -1)`` leaves them, and what is made of weights.

Quantizers and BatchNormalization stay, for they are trained.  Where the batch is free, a value is a constant when two
batch sizes give the same one; a Reshape whose target changes in one place gets -1 there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.door.batch import SIZED, follow_batch
from drawplate.door.evaluate import constant_values, shape_values
from drawplate.door.tidy import BATCHES
from drawplate.door.values import add_constant, add_initializer, constant, is_initializer
from drawplate.graph.facts import QUANT_OPS, STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray

    from drawplate.door.evaluate import Values
    from drawplate.graph.shapes import Inferred

SINGLE = 1
"""A batch of one: a value that is another one there is no constant either."""


def fold(model: ir.Model) -> list[str]:
    """Fold in place."""
    from onnx_ir.passes.common import RemoveUnusedNodesPass

    before = {node.name for node in model.graph}
    if not _fold_shapes(model) + _fold_constants(model):
        return []
    RemoveUnusedNodesPass()(model)
    gone = len(before - {node.name for node in model.graph})
    return [f"{gone} nodes folded into constants" if gone else "sizes that follow the batch written in one way"]


def _fold_shapes(model: ir.Model) -> int:
    import numpy as np
    import onnx_ir as ir

    if not any(node.op_type in ("Shape", "Size", "Constant") for node in model.graph):
        return 0
    proto = ir.to_proto(model)
    runs = [shape_values(proto, batch) for batch in (*BATCHES, SINGLE)]
    values = [found for found, _ in runs]
    same = {
        name: value
        for name, value in values[0].items()
        if all(name in other and np.array_equal(value, other[name]) for other in values[1:])
    }
    shapes = [inferred for _, inferred in runs[:2]]
    count = 0
    for node in list(model.graph):
        if node.outputs and all(out.name in same for out in node.outputs if out.name):
            count += _put(model.graph, node, same, fixed=True)
        elif node.domain not in STANDARD:
            continue
        elif node.op_type == "Reshape":
            count += _fix_target(model.graph, node, *_shapes(shapes, node.outputs[0]))
        elif node.op_type == "Gather" and _takes_all(node, values, shapes):
            count += _as_reshape(model.graph, node, *_shapes(shapes, node.outputs[0]))
        elif node.op_type in SIZED:
            size = str(_name(node, SIZED[node.op_type]))
            one, other = (found.get(size) for found in values[:2])
            count += one is not None and other is not None and follow_batch(model.graph, node, one, other)
    return count


def _shapes(inferred: list[Inferred], value: ir.Value) -> list[tuple[int, ...] | None]:
    return [found.static(str(value.name)) for found in inferred]


def _takes_all(node: ir.Node, values: list[Values], shapes: list[Inferred]) -> bool:
    """Whether a Gather takes every entry of a vector in order, as torch's exporter writes ``as_strided``."""
    import numpy as np

    source, indices = _name(node, 0), _name(node, 1)
    if source is None or indices is None or ("axis" in node.attributes and node.attributes["axis"].as_int()):
        return False
    for found, inferred in zip(values, shapes, strict=False):
        size = inferred.static(source)
        if size is None or len(size) != 1 or indices not in found:
            return False
        if not np.array_equal(found[indices].reshape(-1), np.arange(size[0])):
            return False
    return True


def _as_reshape(graph: ir.Graph, node: ir.Node, first: tuple[int, ...] | None, second: tuple[int, ...] | None) -> bool:
    import onnx_ir as ir

    made = ir.node("Reshape", [node.inputs[0], node.inputs[1]], name=node.name)
    if not _fix_target(graph, made, first, second):
        return False
    name = node.outputs[0].name
    made.outputs[0].type = node.outputs[0].type
    graph.insert_before(node, made)
    ir.convenience.replace_all_uses_with(node.outputs[0], made.outputs[0], replace_graph_outputs=True)
    node.outputs[0].name, made.outputs[0].name = f"{name}.gathered", name
    graph.remove(node, safe=True)
    return True


def _name(node: ir.Node, position: int) -> str | None:
    value = node.inputs[position] if position < len(node.inputs) else None
    return value.name if value is not None else None


def _fix_target(graph: ir.Graph, node: ir.Node, first: tuple[int, ...] | None, second: tuple[int, ...] | None) -> bool:
    """Give a Reshape a constant target, where it differs in no more than one place between batch sizes."""
    import numpy as np

    if constant(node.inputs[1]) is not None or first is None or second is None or len(first) != len(second):
        return False
    free = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(free) > 1 or 0 in first:
        return False
    target = np.asarray([-1 if i in free else size for i, size in enumerate(first)], np.int64)
    node.replace_input_with(1, add_initializer(graph, f"{node.name}.shape", target))
    return True


def _fold_constants(model: ir.Model) -> int:
    import onnx_ir as ir

    folded = constant_values(ir.to_proto(model))
    following = _following(model)
    trained: set[ir.Value] = set()
    count = 0
    for node in list(model.graph):
        if node in following or not node.outputs or not all(out.name in folded for out in node.outputs if out.name):
            continue
        if any(is_initializer(value) or value in trained for value in node.inputs if value is not None):
            trained.update(node.outputs)
    for node in list(model.graph):
        if node not in following and node.outputs and all(out.name in folded for out in node.outputs if out.name):
            count += _put(model.graph, node, folded, fixed=not any(out in trained for out in node.outputs))
    return count


def _following(model: ir.Model) -> set[ir.Node]:
    """Return nodes that compute a quantizer's scale from the weights that it rounds: it follows them in training."""
    found: set[ir.Node] = set()
    for node in model.graph:
        if node.op_type not in QUANT_OPS or not is_initializer(node.inputs[0]):
            continue
        for setting in node.inputs[1:]:
            above = _above(setting)
            if any(node.inputs[0] in reader.inputs for reader in above):
                found |= above
    return found


def _above(value: ir.Value | None) -> set[ir.Node]:
    """Return all nodes that a value is computed by."""
    found: set[ir.Node] = set()
    waiting = [value]
    while waiting:
        taken = waiting.pop()
        maker = taken.producer() if taken is not None else None
        if maker is not None and maker not in found:
            found.add(maker)
            waiting += maker.inputs
    return found


def _put(graph: ir.Graph, node: ir.Node, values: dict[str, NDArray[Any]], *, fixed: bool) -> bool:
    """Put constants in the place of a node: floats that are not trained in a Constant node, others as initializers."""
    if node.op_type == "Constant" or any(out.is_graph_output() for out in node.outputs):
        return False
    for out in node.outputs:
        if not out.name or not out.uses():
            continue
        name, held = out.name, values[out.name]
        out.name = f"{name}.unfolded"
        if fixed and held.dtype.kind == "f":
            out.replace_all_uses_with(add_constant(graph, name, held, node))
        else:
            out.replace_all_uses_with(add_initializer(graph, name, held))
    graph.remove(node, safe=True)
    return True
