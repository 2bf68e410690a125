# SPDX-License-Identifier: Apache-2.0
"""Foldings in a DATAFLOW graph, and as FINN's folding JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from onnx import ModelProto, helper

from drawplate.errors import FlowError, nearest
from drawplate_dataflow.folding.choices import LayerFolding
from drawplate_dataflow.network import Layer, MatMul, Memory, Network
from drawplate_dataflow.network.nodes import blocks_of, read_node

_STYLES = {Memory.BLOCK: "block", Memory.LUT: "distributed", Memory.AUTO: "auto"}
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
_MEMORIES = {style: memory for memory, style in _STYLES.items()}


def write_foldings(proto: ModelProto, foldings: Mapping[str, LayerFolding]) -> None:
    """Set PE, SIMD, ram_style and resType of the nodes, in place."""
    for node in proto.graph.node:
        folding = foldings.get(read_node(node).name)
        if folding is None:
            continue
        values = finn_attributes(folding) | own_attributes(folding)
        for attribute in [attribute for attribute in node.attribute if attribute.name in {*values, *_BLOCKS}]:
            node.attribute.remove(attribute)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in values.items())


def finn_attributes(folding: LayerFolding) -> dict[str, Any]:
    """Return a folding in FINN's words."""
    found: dict[str, Any] = {}
    if folding.pe:
        found["PE"] = folding.pe
    if folding.simd:
        found["SIMD"] = folding.simd
    if folding.pe and folding.simd:
        found["ram_style"] = _STYLES[folding.memory]
    if folding.dsp_pe:
        found["resType"] = "dsp" if folding.dsp_pe == folding.pe else "auto"
    return found


def own_attributes(folding: LayerFolding) -> dict[str, int]:
    """Return what FINN has no word for: some of a layer's processing elements in blocks, the others in LUTs."""
    return {"dsp_pe": folding.dsp_pe} if 0 < folding.dsp_pe < folding.pe else {}


def to_finn(foldings: Mapping[str, LayerFolding]) -> dict[str, Any]:
    """Return FINN's folding configuration (``folding_config_file`` of its builder); it passes over what is ``OWN``."""
    own = {name: found for name, folding in foldings.items() if (found := own_attributes(folding))}
    layers = {name: finn_attributes(folding) for name, folding in foldings.items()}
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
        layer.name: _folding(layer, entries.get(layer.name, {}) | own.get(layer.name, {})) for layer in network.layers
    }
    notes = (f"passed over, for there is nothing to fold: {', '.join(passed)}",) if passed else ()
    missing = [name for name in names if name not in entries]
    if missing and passed + list(entries):
        notes = (*notes, f"not in the file, and left as they are: {', '.join(missing)}")
    return Taken(foldings=foldings, notes=notes)


def _folding(layer: Layer, entry: Mapping[str, Any]) -> LayerFolding:
    memory = _MEMORIES.get(str(entry.get("ram_style", "auto")), Memory.AUTO)
    pe, matrix = int(entry.get("PE", getattr(layer, "pe", 0))), isinstance(layer, MatMul)
    return LayerFolding(
        pe=pe,
        simd=int(entry.get("SIMD", getattr(layer, "simd", 0))),
        memory=memory if matrix else Memory.AUTO,
        dsp_pe=blocks_of(str(entry.get("resType", "auto")), int(entry.get("dsp_pe", 0)), pe) if matrix else 0,
    )


def current_foldings(network: Network) -> dict[str, LayerFolding]:
    """Return the foldings that a network has."""
    return {
        layer.name: LayerFolding(
            pe=int(getattr(layer, "pe", 0)),
            simd=int(getattr(layer, "simd", 0)),
            memory=layer.memory if isinstance(layer, MatMul) else Memory.AUTO,
            dsp_pe=layer.dsp_pe if isinstance(layer, MatMul) else 0,
        )
        for layer in network.layers
    }
