# SPDX-License-Identifier: Apache-2.0
"""What a layer is, for the table of a report: kind, shape, types of numbers, PE, SIMD."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate_dataflow.network import Layer, MatMul, Network
from drawplate_dataflow.network.types import IntType, signed, unsigned

Fact = str | int


def layer_facts(network: Network, layer: Layer) -> Mapping[str, Fact]:
    """Describe one layer."""
    source = network.sources(layer)[0]
    found: dict[str, Fact] = {
        "layer": layer.name,
        "kind": type(layer).__name__,
        "inputs": named(source.type),
        "outputs": named(layer.output.type),
    }
    if isinstance(layer, MatMul):
        found |= {"weights": named(layer.weight_type), "rows": layer.mh, "columns": layer.mw}
    for name in ("pe", "simd"):
        if hasattr(layer, name):
            found[name.upper()] = int(getattr(layer, name))
    return found


def named(kind: IntType) -> str:
    """Name a type as QONNX does: UINT8, INT3, BIPOLAR; any other by its range."""
    if kind == unsigned(kind.bits):
        return f"UINT{kind.bits}"
    return f"INT{kind.bits}" if kind == signed(kind.bits) else str(kind)
