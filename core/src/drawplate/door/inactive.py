# SPDX-License-Identifier: Apache-2.0
"""What does nothing at inference: Dropout, Identity, and BatchNormalization's training mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drawplate.door.values import add_initializer, bypass, constant, is_initializer, names_of
from drawplate.errors import ModelError
from drawplate.graph.facts import STANDARD
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    import onnx_ir as ir

STATISTICS = (3, 4)
"""Inputs of BatchNormalization that training counts and does not learn."""


def norms_at_inference(model: ir.Model) -> list[str]:
    """Let BatchNormalization use its running statistics, and drop the outputs that only training has.

    Raises:
        ModelError: when something reads those outputs.
    """
    changed = []
    for node in list(model.graph):
        if node.op_type != "BatchNormalization" or node.domain not in STANDARD:
            continue
        training = node.attributes.pop("training_mode", None)
        if len(node.outputs) > 1:
            if any(out.uses() or out.is_graph_output() for out in node.outputs[1:]):
                raise ModelError(
                    "its batch statistics are read by other layers",
                    where=f"layer {node.name!r}",
                    hint="export the model in evaluation mode: model.eval()",
                )
            node.resize_outputs(1)
        elif training is None or not training.as_int():
            continue
        changed.append(str(node.name))
    return [f"BatchNormalization {names_of(changed)} set from training mode to inference"] if changed else []


def dropout_at_inference(model: ir.Model) -> list[str]:
    """Let Dropout that is kept for training here do nothing at inference, whatever mode it was exported in."""
    changed = []
    for node in list(model.graph):
        if node.op_type == "Dropout" and node.domain in STANDARD and len(node.inputs) > 2:
            node.resize_inputs(2)
            changed.append(str(node.name))
    return [f"Dropout {names_of(changed)} set from training mode to inference"] if changed else []


def drop_dropout(model: ir.Model) -> list[str]:
    """Remove Dropout whose mask nobody reads."""
    dropped = []
    for node in list(model.graph):
        if node.op_type != "Dropout" or node.domain not in STANDARD:
            continue
        if any(out.uses() or out.is_graph_output() for out in node.outputs[1:]):
            raise ModelError(
                "its mask is read by other layers",
                where=f"layer {node.name!r}",
                hint="export the model in evaluation mode: model.eval()",
            )
        if bypass(model.graph, node):
            dropped.append(str(node.name))
    return [f"Dropout {names_of(dropped)} dropped"] if dropped else []


def drop_identity(model: ir.Model) -> list[str]:
    """Remove Identity; where it shares an initializer between layers, each gets a copy.

    torch's exporter shares equal initializers that way: a fresh BatchNormalization's scale and running variance become
    one tensor, and training the one would change the other.
    """
    count, types = 0, _types(model)
    for node in list(model.graph):
        if node.domain not in STANDARD or not (node.op_type == "Identity" or _casts_to_the_same(node, types)):
            continue
        source, given = node.inputs[0], node.outputs[0]
        held = constant(source)
        if is_initializer(source) and held is not None and not given.is_graph_output():
            name = str(given.name)
            given.name = f"{name}.identity"
            given.replace_all_uses_with(add_initializer(model.graph, name, held))
            model.graph.remove(node, safe=True)
            count += 1
        else:
            count += bypass(model.graph, node)
    return [f"{count} Identity removed"] if count else []


def _types(model: ir.Model) -> Mapping[str, int]:
    """Element types that follow, where the file leaves out what a Cast reads."""
    import onnx_ir as ir

    casts = [node for node in model.graph if node.op_type == "Cast" and node.domain in STANDARD]
    if all(node.inputs[0] is None or node.inputs[0].dtype is not None for node in casts):
        return {}
    return infer(ir.to_proto(model)).types


def _casts_to_the_same(node: ir.Node, types: Mapping[str, int]) -> bool:
    source = node.inputs[0] if node.op_type == "Cast" else None
    if source is None:
        return False
    before = int(source.dtype) if source.dtype is not None else types.get(str(source.name))
    return before == node.attributes["to"].as_int()


def own_statistics(model: ir.Model) -> list[str]:
    """Give BatchNormalization statistics of its own where another layer has the same initializer."""
    count = 0
    for node in model.graph:
        if node.op_type != "BatchNormalization" or node.domain not in STANDARD:
            continue
        for position in STATISTICS:
            value = node.inputs[position] if position < len(node.inputs) else None
            held = constant(value)
            if value is None or held is None or not is_initializer(value) or len(tuple(value.uses())) == 1:
                continue
            node.replace_input_with(position, add_initializer(model.graph, f"{node.name}.statistic{position}", held))
            count += 1
    return [f"{count} shared statistics of BatchNormalization are copies of their own"] if count else []
