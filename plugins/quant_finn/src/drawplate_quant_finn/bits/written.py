# SPDX-License-Identifier: Apache-2.0
"""Widths that were found, written into a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drawplate_quant_finn.bits.widths import change_width, groups
from drawplate_quant_finn.graph import Graph, prepare

if TYPE_CHECKING:
    from onnx import ModelProto


def with_widths(proto: ModelProto, widths: Mapping[str, int]) -> ModelProto:
    """Write bit widths by gene in place; each scale is changed so that the largest code stands for the same number."""
    prepare(proto)
    graph = Graph(proto)
    for nodes in groups(graph):
        bits = widths.get(f"{nodes[0].name}.bits")
        if bits is not None:
            change_width(graph, nodes, bits)
    return proto
