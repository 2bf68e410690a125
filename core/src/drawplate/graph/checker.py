# SPDX-License-Identifier: Apache-2.0
"""What ONNX's own checker says of a model, by layer, and what to do next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drawplate.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


def refused_by_checker(proto: ModelProto, said: str) -> ModelError:
    """Make an error of the checker's words, several lines of which the first matters most."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    node = _blamed_node(proto, lines)
    unmade = re.match(r"Nodes in a graph must be topologically sorted, however input '(.*)' of node", lines[0])
    if unmade is not None:
        readers = [node for node in proto.graph.node if unmade.group(1) in node.input]
        return ModelError(
            f"reads {unmade.group(1)!r}, which no layer makes before it, and which is no input or initializer",
            where=f"node {(readers[0].name or readers[0].output[0])!r} ({readers[0].op_type})" if readers else None,
            hint="export it again: a layer or an input of the file is missing",
        )
    return ModelError(
        f"is not a valid model: {lines[0]}",
        where=None if node is None else f"node {(node.name or node.output[0])!r} ({node.op_type})",
        hint=_since(proto, node, lines[0]) or "export it again: ONNX's own checker refuses it",
    )


def _blamed_node(proto: ModelProto, lines: list[str]) -> NodeProto | None:
    """Return the node that the checker's context names; None where it names none, or several could be meant."""
    found = re.search(r"Bad node spec for node\. Name: (.*?) OpType: (\w+)", " ".join(lines))
    if found is None:
        return None
    named = [node for node in proto.graph.node if (node.name, node.op_type) == found.groups()]
    return named[0] if named and (len(named) == 1 or not found.group(1)) else None


def _since(proto: ModelProto, node: NodeProto | None, said: str) -> str | None:
    """Say which opset has an operator that the model's own has not."""
    import onnx

    if node is None or not said.startswith(("No Op registered", "Op registered")):
        return None
    known = [
        schema
        for schema in onnx.defs.get_all_schemas_with_history()
        if (schema.domain, schema.name) == ("", node.op_type) and not schema.deprecated
    ]
    own = max((entry.version for entry in proto.opset_import if not entry.domain), default=0)
    later = [schema.since_version for schema in known if schema.since_version > own]
    if later:
        return f"export it with opset {min(later)} or newer, where {node.op_type} begins"
    if known:
        return f"export it without {node.op_type}, which opset {own} no longer has"
    return f"export the model without {node.op_type}: ONNX has no such operator"
