# SPDX-License-Identifier: Apache-2.0
"""What a layer is, for the table of a report: kind, shape, types of numbers, PE, SIMD."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate_dataflow.network import Layer, Network
from drawplate_dataflow.network.layer import Fact
from drawplate_dataflow.network.types import type_name


def layer_facts(network: Network, layer: Layer) -> Mapping[str, Fact]:
    """Describe one layer."""
    folding = {"PE": layer.folding.pe, "SIMD": layer.folding.simd}
    return {
        "layer": layer.name,
        **({"of": layer.origin} if layer.origin else {}),
        "kind": layer.kind,
        "inputs": type_name(network.sources(layer)[0].type),
        "outputs": type_name(layer.output.type),
        **layer.facts(),
        **{key: value for key, value in folding.items() if value},
    }
