# SPDX-License-Identifier: Apache-2.0
"""From an ONNX graph to a flat list of calls over numbered slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray
from onnx import AttributeProto, helper, numpy_helper

from drawplate.errors import ModelError
from drawplate.torch.handlers import Handlers, Node, Op

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


@frozen(kw_only=True)
class Call:
    """One operator, ready to be run."""

    node: Node
    op: Op
    takes: tuple[int, ...]
    """Slots of the inputs; -1 for one left out."""
    gives: tuple[int, ...]
    """Slots of the outputs."""
    frees: tuple[int, ...]
    """Slots that nobody needs after this call."""
    graded: bool
    """Whether a gradient can come back to it from an output of the graph."""


@frozen(kw_only=True)
class Program:
    """A graph as calls over slots."""

    calls: tuple[Call, ...]
    slots: Mapping[str, int]
    """Slot by value name."""
    trained: tuple[str, ...]
    """Initializers that are parameters, in the graph's order."""
    state: tuple[str, ...]
    """Initializers, and constants, that calls take as tensors but that are not trained."""
    input: str
    outputs: tuple[str, ...]


def compile_graph(proto: ModelProto, handlers: Handlers) -> Program:
    """Compile a model.

    Raises:
        ModelError: when nobody handles some of its operators (all are named), or an initializer is trained in one
            place and state in another.
    """
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    nodes = [node for node in proto.graph.node if not take_constant(node, constants)]
    opsets = {
        entry.domain.replace("ai.onnx", "") if entry.domain == "ai.onnx" else entry.domain: entry.version
        for entry in proto.opset_import
    }
    _check_known(nodes, handlers)
    initializers = [tensor.name for tensor in proto.graph.initializer]
    inputs = [value for value in proto.graph.input if value.name not in set(initializers)]
    if len(inputs) != 1:
        raise ModelError(f"has {len(inputs)} inputs", allowed="one", hint="bake the others in as initializers")
    batch = inputs[0].type.tensor_type.shape.dim[0].dim_value if inputs[0].type.tensor_type.shape.dim else 0
    read = {name for node in nodes for name in node.input} | {value.name for value in proto.graph.output}
    views = [evolve(_view(node, opsets, constants, read), batch=batch or None) for node in nodes]
    pairs = [(view, handlers[_key(node)](view)) for node, view in zip(nodes, views, strict=True)]
    trained, state = _roles(pairs, initializers, constants)
    return _number(pairs, inputs[0].name, [value.name for value in proto.graph.output], trained, state)


def _key(node: NodeProto) -> tuple[str, str]:
    return ("" if node.domain == "ai.onnx" else node.domain, node.op_type)


def take_constant(node: NodeProto, constants: dict[str, NDArray[Any]]) -> bool:
    """Put the value of a ``Constant`` node among the constants; tell whether the node was one."""
    if _key(node) != ("", "Constant"):
        return False
    (attribute,) = node.attribute
    value = helper.get_attribute_value(attribute)
    if attribute.name == "value":
        constants[node.output[0]] = numpy_helper.to_array(value)
    else:
        constants[node.output[0]] = np.asarray(value, np.float32 if "float" in attribute.name else np.int64)
    return True


def _check_known(nodes: Iterable[NodeProto], handlers: Handlers) -> None:
    missing: dict[str, list[str]] = {}
    for node in nodes:
        if _key(node) not in handlers:
            operator = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
            missing.setdefault(operator, []).append(node.name or node.output[0])
    if missing:
        listed = "; ".join(
            f"{operator} (layer {', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
            for operator, names in missing.items()
        )
        raise ModelError(
            f"cannot be trained: nobody handles {listed}",
            hint="teach the operators with the torch_ops hook, or replace them in the model",
        )


def _view(
    node: NodeProto, opsets: Mapping[str, int], constants: Mapping[str, NDArray[Any]], read: AbstractSet[str]
) -> Node:
    # Exporters name outputs that nobody reads, as the mask of a Dropout: as if they were left out.
    used = max((number for number, name in enumerate(node.output, start=1) if name in read), default=1)
    return Node(
        name=node.name or node.output[0],
        op_type=node.op_type,
        opset=opsets.get(_key(node)[0], 1),
        inputs=tuple(node.input),
        outputs=tuple(node.output[:used]),
        attributes={attribute.name: _attribute(attribute) for attribute in node.attribute},
        constants=constants,
    )


def _attribute(attribute: AttributeProto) -> Any:
    value = helper.get_attribute_value(attribute)
    if attribute.type == AttributeProto.TENSOR:
        return numpy_helper.to_array(value)
    if isinstance(value, bytes):
        return value.decode()
    return list(value) if attribute.type in (AttributeProto.INTS, AttributeProto.FLOATS) else value


def _roles(
    pairs: list[tuple[Node, Op]], initializers: list[str], constants: Mapping[str, NDArray[Any]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    trained: set[str] = set()
    state: set[str] = set()
    fixed: set[str] = set()
    for node, op in pairs:
        for index, name in enumerate(node.inputs):
            if name not in constants or index in op.static:
                continue
            floating = constants[name].dtype.kind == "f" and name in initializers
            if index in op.formula:
                fixed.add(name)
            (trained if floating and index not in op.buffers else state).add(name)
    trained -= fixed
    state |= fixed
    both = sorted(trained & state)
    if both:
        raise ModelError(
            f"initializer {both[0]!r} is trained in one layer and state in another",
            hint="give each its own copy: drawplate.door.take_in does",
        )
    ordered = tuple(name for name in constants if name in state)
    return tuple(name for name in initializers if name in trained), ordered


def _number(
    pairs: list[tuple[Node, Op]], start: str, outputs: list[str], trained: tuple[str, ...], state: tuple[str, ...]
) -> Program:
    slots = {name: number for number, name in enumerate((start, *trained, *state))}
    for node, _ in pairs:
        for name in node.outputs:
            if name:
                slots.setdefault(name, len(slots))
    last_use = {name: position for position, (node, _) in enumerate(pairs) for name in (*node.inputs, *node.outputs)}
    kept = {*trained, *state, *outputs}
    graded = _graded(pairs, outputs)
    calls = []
    for position, (node, op) in enumerate(pairs):
        taken = [name for index, name in enumerate(node.inputs) if index not in op.static]
        names = {*node.inputs, *node.outputs} - kept
        calls.append(
            Call(
                node=node,
                op=op,
                takes=tuple(slots[name] if name else -1 for name in taken),
                gives=tuple(slots[name] if name else -1 for name in node.outputs),
                frees=tuple(slots[name] for name in names if name in slots and last_use[name] == position),
                graded=graded[position],
            )
        )
    return Program(calls=tuple(calls), slots=slots, trained=trained, state=state, input=start, outputs=tuple(outputs))


def _graded(pairs: list[tuple[Node, Op]], outputs: list[str]) -> list[bool]:
    """Tell of every call whether a gradient can reach it, going back from the outputs."""
    reached = set(outputs)
    found = []
    for node, op in reversed(pairs):
        graded = not reached.isdisjoint(node.outputs)
        if graded:
            reached.update(name for index, name in enumerate(node.inputs) if name and index not in op.detached)
        found.append(graded)
    return found[::-1]
