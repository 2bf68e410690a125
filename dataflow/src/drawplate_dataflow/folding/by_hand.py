# SPDX-License-Identifier: Apache-2.0
"""Foldings that options say, layer by layer or one for all."""

from __future__ import annotations

from drawplate.errors import FlowError, ModelError, nearest
from drawplate_dataflow.folding.choices import uniform
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.network import Layer, LayerFolding, Network
from drawplate_dataflow.technology import GENERIC

KEYS = ("pe", "simd", "dsp_pe")


def by_hand(network: Network, options: FoldOptions) -> dict[str, LayerFolding]:
    """Return the foldings that ``pe``, ``simd`` and ``layers`` say.

    Raises:
        FlowError: for a layer that is not there, or a folding that it cannot have.
    """
    names = [layer.name for layer in network.layers]
    generated = set(names)
    origins = {
        layer.name: layer.origin
        for layer in network.layers
        if layer.origin and isinstance(layer, Matrix) and layer.origin not in generated
    }
    names += dict.fromkeys(origins.values())
    for name in options.layers:
        if name not in names:
            raise FlowError(
                f"there is no layer {name!r}", where="fold, layers", allowed=names, meant=nearest(name, names)
            )
    for name, origin in origins.items():
        if {name, origin} <= options.layers.keys():
            raise FlowError(
                f"{name!r} and {origin!r} are the same layer",
                where="fold, layers",
                allowed="one of its two names",
                hint=f"say all of its folding under {origin!r}",
            )
    found = {}
    for layer in network.layers:
        called = layer.name if layer.name in options.layers else origins.get(layer.name, layer.name)
        entry = options.layers.get(called, {})
        for key in sorted(set(entry) - set(KEYS)):
            raise FlowError(
                f"unknown key {key!r}", where=f"fold, layers.{called}", allowed=KEYS, meant=nearest(key, KEYS)
            )
        base = uniform(layer, network.sources(layer), options.pe or 1, options.simd or 1)
        pe, simd = entry.get("pe", base.pe), entry.get("simd", base.simd)
        blocks = entry.get("dsp_pe", 0)
        found[layer.name] = LayerFolding(pe=pe if base.pe else 0, simd=simd if base.simd else 0, dsp_pe=blocks)
    return checked(network, found)


def checked(network: Network, foldings: dict[str, LayerFolding]) -> dict[str, LayerFolding]:
    """Return the foldings if every layer can have its own.

    Raises:
        FlowError: when one cannot.
    """
    for layer in network.layers:
        folding, where = foldings[layer.name], f"fold, layer {layer.said}"
        if not 0 <= folding.dsp_pe <= folding.pe:
            raise FlowError(
                f"dsp_pe = {folding.dsp_pe} is not a part of PE = {folding.pe}", where=where,
                allowed=f"0 to {folding.pe}",
            )  # fmt: skip
        legal = list(layer.foldings(network.sources(layer), GENERIC, 0))
        for key in ("pe", "simd"):
            allowed = sorted({getattr(choice, key) for choice in legal})
            if getattr(folding, key) not in allowed:
                reason = _why_not(network, layer, folding)
                if reason is not None:
                    raise FlowError(
                        f"{key.upper()} = {getattr(folding, key)} does not divide the layer{reason}",
                        where=where,
                        allowed=map(str, allowed),
                    )
    try:
        network.folded(foldings).check_words()
    except ModelError as error:
        raise FlowError(error.what, where=f"fold, {error.where}", hint=error.hint) from None
    return foldings


def _why_not(network: Network, layer: Layer, folding: LayerFolding) -> str | None:
    """Say why the generator cannot fill what a folding leaves over with weights of zero; None where it can."""
    folded = layer.folded(folding)
    try:
        folded.check(network.sources(layer))
        folded.sends  # noqa: B018 - raises
    except ModelError as error:
        return f", and its gaps cannot be filled: {error.what}"
    return None
