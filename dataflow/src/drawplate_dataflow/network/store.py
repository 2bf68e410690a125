# SPDX-License-Identifier: Apache-2.0
"""A description on disk: ``network.json`` for everything but arrays, ``network.npz`` for those."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen
from cattrs import BaseValidationError, Converter

from drawplate.errors import ModelError
from drawplate_dataflow.network.model import (
    Add,
    ArgMax,
    Layer,
    MatMul,
    Network,
    Pad,
    Pool,
    Scale,
    Stream,
    Threshold,
    Window,
)
from drawplate_dataflow.network.types import Integers

FORMAT: Final = 1
KINDS: Final = {kind.__name__: kind for kind in (MatMul, Threshold, Window, Pad, Pool, Add, ArgMax)}


@frozen(kw_only=True)
class _Document:
    """``network.json``."""

    format: int
    name: str
    source: str
    channels_first: bool
    input: Stream
    layers: tuple[dict[str, Any], ...]


@cache
def _converter() -> Converter:
    made = Converter()
    made.register_structure_hook_func(lambda kind: kind in (Integers, Integers | None), lambda value, _: value)
    return made


def save(network: Network, folder: Path) -> None:
    """Write a network; equal networks give equal JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for layer in network.layers:
        record = _converter().unstructure(layer)
        for key in [key for key, value in record.items() if isinstance(value, np.ndarray)]:
            arrays[f"{layer.name}.{key}"] = record.pop(key)
        layers.append({"layer": type(layer).__name__, **record})
    if network.scale is not None:
        arrays |= {".scale": network.scale.scale, ".bias": network.scale.bias}
    document = _Document(
        format=FORMAT,
        name=network.name,
        source=network.source,
        channels_first=network.channels_first,
        input=network.input,
        layers=tuple(layers),
    )
    text = json.dumps(_converter().unstructure(document), indent=1, sort_keys=True)
    (folder / "network.json").write_text(text + "\n", encoding="utf-8")
    np.savez_compressed(folder / "network.npz", allow_pickle=False, **arrays)


def load(folder: Path) -> Network:
    """Read a network that :func:`save` wrote.

    Raises:
        ModelError: when the files are not such a network.
    """
    try:
        found = json.loads((folder / "network.json").read_text(encoding="utf-8"))
        if found.get("format") != FORMAT:
            raise ModelError(f"format {found.get('format')} is not known", where=str(folder), allowed=str(FORMAT))
        document = _converter().structure(found, _Document)
        with np.load(folder / "network.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        layers = tuple(_layer(record, arrays) for record in document.layers)
    except (OSError, AttributeError, KeyError, ValueError, BaseValidationError) as error:
        raise ModelError(f"not a network description: {error}", where=str(folder)) from None
    return Network(
        name=document.name,
        source=document.source,
        channels_first=document.channels_first,
        input=document.input,
        layers=layers,
        scale=Scale(scale=arrays[".scale"], bias=arrays[".bias"]) if ".scale" in arrays else None,
    )


def _layer(record: dict[str, Any], arrays: dict[str, np.ndarray]) -> Layer:
    name = record["name"]
    own = {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.rpartition(".")[0] == name}
    return _converter().structure({**record, **own}, KINDS[record["layer"]])
