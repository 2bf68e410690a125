# SPDX-License-Identifier: Apache-2.0
"""Local functions written out where they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.errors import ModelError
from drawplate.graph.facts import QUANT_DOMAINS, QUANT_OPS

if TYPE_CHECKING:
    import onnx_ir as ir

LARGEST = 200_000
"""Nodes of a model after its functions are written out; ten functions that call each other ten times are more."""


def inline(model: ir.Model) -> list[str]:
    """Write local functions out; a function that has a quantizer's name is that quantizer.

    Raises:
        ModelError: when functions call themselves, or make more nodes than anybody can run.
    """
    from onnx_ir.passes.common import InlinePass, RemoveUnusedFunctionsPass

    if not model.functions:
        return []
    for key in [key for key in model.functions if key[0] in QUANT_DOMAINS and key[1] in QUANT_OPS]:
        del model.functions[key]
    check_size(model)
    count = len(model.functions)
    before = {node.name for node in model.graph}
    InlinePass()(model)
    for node in model.graph:
        if node.name not in before:  # a function's own names tell nobody which layer it is
            node.name = node.outputs[0].name
    RemoveUnusedFunctionsPass()(model)  # type: ignore[no-untyped-call]
    return [f"{count} local function{'s' if count > 1 else ''} written out"] if count else []


def check_size(model: ir.Model) -> None:
    """Refuse functions that nobody can write out, nor infer a shape through.

    Raises:
        ModelError: when functions call themselves, or make more nodes than anybody can run.
    """
    sizes: dict[object, int] = {}
    active: set[object] = set()

    def size(key: ir.OperatorIdentifier) -> int:
        if key in sizes:
            return sizes[key]
        if key in active:
            raise ModelError(f"function {key[1]!r} calls itself", hint="export the model without recursive functions")
        active.add(key)
        sizes[key] = _count(model.functions[key])
        active.discard(key)
        return sizes[key]

    def _count(nodes: object) -> int:
        total = 0
        for node in nodes:  # type: ignore[attr-defined]
            identifier = node.op_identifier()
            total += size(identifier) if identifier in model.functions else 1
            if total > LARGEST:
                raise ModelError(f"its functions make more than {LARGEST:,} nodes", hint="export a smaller model")
        return total

    _count(model.graph)
