# SPDX-License-Identifier: Apache-2.0
"""The one error that a model is refused with: which node, why, what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.errors import ModelError

if TYPE_CHECKING:
    from onnx import NodeProto


def refuse(node: NodeProto, what: str, hint: str) -> ModelError:
    """Make the error for a node, named as in the user's file."""
    return ModelError(
        f"cannot be lowered: {what}", where=f"node {node.name or node.output[0]!r} ({node.op_type})", hint=hint
    )
