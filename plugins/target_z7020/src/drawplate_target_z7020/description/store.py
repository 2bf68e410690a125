# SPDX-License-Identifier: Apache-2.0
"""A description on disk: ``network.json`` for everything but arrays, ``network.npz`` for those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from drawplate.errors import ModelError
from drawplate_target_z7020.description.model import (
    Add,
    ArgMax,
    Layer,
    MatMul,
    Memory,
    Network,
    Pad,
    Pool,
    PoolKind,
    Scale,
    Stream,
    Threshold,
    Window,
)
from drawplate_target_z7020.description.types import IntType

FORMAT = 1
KINDS = (MatMul, Threshold, Window, Pad, Pool, Add, ArgMax)
_ENUMS = {"memory": Memory, "kind": PoolKind}


def save(network: Network, folder: Path) -> None:
    """Write a network; equal networks give equal JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for layer in network.layers:
        record: dict[str, Any] = {"layer": type(layer).__name__}
        for item in attrs.fields(type(layer)):
            value = getattr(layer, item.name)
            if isinstance(value, np.ndarray):
                arrays[f"{layer.name}.{item.name}"] = value
            else:
                record[item.name] = attrs.asdict(value) if attrs.has(type(value)) else value
        layers.append(record)
    if network.scale is not None:
        arrays |= {".scale": network.scale.scale, ".bias": network.scale.bias}
    document = {
        "format": FORMAT,
        "name": network.name,
        "source": network.source,
        "channels_first": network.channels_first,
        "input": attrs.asdict(network.input),
        "layers": layers,
    }
    (folder / "network.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    np.savez_compressed(folder / "network.npz", allow_pickle=False, **arrays)


def load(folder: Path) -> Network:
    """Read a network that :func:`save` wrote.

    Raises:
        ModelError: when the files are not such a network.
    """
    try:
        document = json.loads((folder / "network.json").read_text(encoding="utf-8"))
        with np.load(folder / "network.npz", allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError) as error:
        raise ModelError(f"not a network description: {error}", where=str(folder)) from None
    if document.get("format") != FORMAT:
        raise ModelError(f"format {document.get('format')} is not known", where=str(folder), allowed=str(FORMAT))
    scale = Scale(scale=arrays[".scale"], bias=arrays[".bias"]) if ".scale" in arrays else None
    return Network(
        name=document["name"],
        source=document["source"],
        channels_first=document["channels_first"],
        input=_stream(document["input"]),
        layers=tuple(_layer(record, arrays) for record in document["layers"]),
        scale=scale,
    )


def _stream(record: dict[str, Any]) -> Stream:
    height, width, channels = record["shape"]
    return Stream(shape=(height, width, channels), type=_type(record["type"]))


def _type(record: dict[str, int]) -> IntType:
    return IntType(record["bits"], record["low"], record["step"])


def _layer(record: dict[str, Any], arrays: dict[str, np.ndarray]) -> Layer:
    cls = {kind.__name__: kind for kind in KINDS}[record["layer"]]
    values: dict[str, Any] = {}
    for item in attrs.fields(cls):
        value: Any = record.get(item.name, arrays.get(f"{record['name']}.{item.name}"))
        if item.name == "output":
            value = _stream(value)
        elif item.name == "weight_type":
            value = _type(value)
        elif item.name in _ENUMS:
            value = _ENUMS[item.name](value)
        elif isinstance(value, list):
            value = tuple(value)
        values[item.name] = value
    return cls(**values)
