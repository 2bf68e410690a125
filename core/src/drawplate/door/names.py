# SPDX-License-Identifier: Apache-2.0
"""Every node has a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx_ir as ir


def name_nodes(model: ir.Model) -> list[str]:
    """Name nameless nodes by what they give, and number those whose names are taken."""
    taken: set[str] = set()
    count: dict[str, int] = {}
    given = renamed = 0
    for node in model.graph:
        wish = node.name or str(next((out.name for out in node.outputs if out.name), "node"))
        name = wish
        while name in taken:
            count[wish] = count.get(wish, 1) + 1
            name = f"{wish}_{count[wish]}"
        taken.add(name)
        if name != node.name:
            given, renamed = given + (not node.name), renamed + bool(node.name)
            node.name = name
    said = [f"{given} layers named by their outputs"] if given else []
    return said + ([f"{renamed} layers renamed: their names were taken"] if renamed else [])
