# SPDX-License-Identifier: Apache-2.0
"""Foldings in a DATAFLOW graph, and as FINN's folding JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from attrs import frozen
from onnx import ModelProto, helper

from drawplate.errors import FlowError, nearest
from drawplate_dataflow.network import LayerFolding, Network
from drawplate_dataflow.network.nodes import read_node

_BLOCKS = ("resType", "dsp_pe")
_BACKEND = re.compile(r"_(?:hls|rtl)_")
PASSED_OVER = frozenset(
    {
        "AddStreams", "ChannelwiseOp", "ConvolutionInputGenerator", "DuplicateStreams", "ElementwiseAdd", "FMPadding",
        "FMPadding_Pixel", "Flatten", "GlobalAccPool", "IODMA", "LabelSelect", "Pool", "Reshape",
        "StreamingDataflowPartition", "StreamingDataWidthConverter", "StreamingFIFO", "StreamingMaxPool",
        "TLastMarker", "Thresholding", "Transpose",
    }
)  # fmt: skip
"""Kinds of FINN's layers that may be in its file and not in the network: parts of its own shell, and what it splits off
a layer, e.g. the thresholds of an ``MVAU_rtl``."""
OWN = "drawplate"
"""Key of a folding configuration under which stands what FINN has no word for."""


def write_foldings(proto: ModelProto, network: Network) -> None:
    """Set the attributes of the nodes that say how a network is folded, in place."""
    layers = {layer.name: layer for layer in network.layers}
    for node in proto.graph.node:
        layer = layers.get(read_node(node).name)
        if layer is None:
            continue
        values = {**layer.finn_attributes(), **layer.own_attributes()}
        for attribute in [attribute for attribute in node.attribute if attribute.name in {*values, *_BLOCKS}]:
            node.attribute.remove(attribute)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in values.items())


def to_finn(network: Network) -> dict[str, Any]:
    """Return FINN's folding configuration (``folding_config_file`` of its builder); it passes over what is ``OWN``."""
    own = {layer.name: dict(found) for layer in network.layers if (found := layer.own_attributes())}
    layers = {layer.name: dict(layer.finn_attributes()) for layer in network.layers}
    return {"Defaults": {}, **layers, **({OWN: own} if own else {})}


@frozen(kw_only=True)
class Taken:
    """A folding configuration, for a network."""

    foldings: dict[str, LayerFolding]
    notes: tuple[str, ...]
    """What of the file was not taken over."""


def from_finn(path: Path, network: Network) -> Taken:
    """Read FINN's folding configuration for a network, drawplate's or one that FINN's own flow has written.

    There a layer is called by its kind, its backend and a number: ``MVAU_hls_0`` and ``MVAU_rtl_0`` are ``MVAU_0``.
    Layers that hardware here has no folding for (``LabelSelect``, FIFOs, width converters, DMAs ...) are passed over.

    Raises:
        FlowError: when it cannot be read, or names layers that are not there.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FlowError(f"cannot be read: {error}", where=str(path)) from error
    if not isinstance(table, dict) or not all(isinstance(entry, dict) for entry in table.values()):
        raise FlowError("is no folding configuration", where=str(path), allowed="{layer: {PE: ..., SIMD: ...}}")
    names = [layer.name for layer in network.layers]
    entries, passed = {}, []
    for said, entry in table.items():
        name = _BACKEND.sub("_", said, count=1)
        if said in {"Defaults", OWN}:
            continue
        if name in names:
            entries[name] = entry
        elif name.rpartition("_")[0] in PASSED_OVER:
            passed.append(said)
        else:
            raise FlowError(f"there is no layer {said!r}", where=str(path), allowed=names, meant=nearest(name, names))
    own = table.get(OWN, {})
    foldings = {
        layer.name: layer.folding_of(entries.get(layer.name, {}) | own.get(layer.name, {})) for layer in network.layers
    }
    notes = (f"passed over, for there is nothing to fold: {', '.join(passed)}",) if passed else ()
    missing = [name for name in names if name not in entries]
    if missing and passed + list(entries):
        notes = (*notes, f"not in the file, and left as they are: {', '.join(missing)}")
    return Taken(foldings=foldings, notes=notes)
