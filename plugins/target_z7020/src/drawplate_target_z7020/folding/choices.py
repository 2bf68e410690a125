# SPDX-License-Identifier: Apache-2.0
"""The legal foldings of a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, fields, frozen

from drawplate_target_z7020.description import Layer, MatMul, Memory, Stream
from drawplate_target_z7020.rtl.rom import LUT_DEPTH


@frozen(kw_only=True, order=True)
class LayerFolding:
    """PE, SIMD and where the weights are; 0 for what a layer does not have."""

    pe: int = 0
    simd: int = 0
    memory: Memory = Memory.AUTO


def divisors(number: int) -> list[int]:
    """Return all divisors, ascending."""
    return [n for n in range(1, number + 1) if number % n == 0]


def choices(layer: Layer, source: Stream) -> Iterator[LayerFolding]:
    """Yield every legal folding: PE divides the outputs, SIMD the inputs (the channels, where pixels are moved)."""
    names = {attribute.name for attribute in fields(type(layer))}
    if isinstance(layer, MatMul):
        for pe in divisors(layer.mh):
            for simd in divisors(layer.mw):
                depth = (layer.mh // pe) * (layer.mw // simd)
                for memory in _memories(depth):
                    yield LayerFolding(pe=pe, simd=simd, memory=memory)
    elif "simd" in names:
        yield from (LayerFolding(simd=simd) for simd in divisors(source.channels))
    elif "pe" in names:
        yield from (LayerFolding(pe=pe) for pe in divisors(layer.output.channels))
    else:
        yield LayerFolding()


def _memories(depth: int) -> tuple[Memory, ...]:
    return (Memory.BLOCK, Memory.LUT) if 1 < depth <= LUT_DEPTH else (Memory.AUTO,)


def fold_layer(layer: Layer, folding: LayerFolding) -> Layer:
    """Return the layer with a folding."""
    changes: dict[str, Any] = {}
    if folding.pe:
        changes["pe"] = folding.pe
    if folding.simd:
        changes["simd"] = folding.simd
    if isinstance(layer, MatMul):
        changes["memory"] = folding.memory
    return evolve(layer, **changes)


def uniform(layer: Layer, source: Stream, pe: int, simd: int) -> LayerFolding:
    """Return the legal folding nearest below ``pe`` and ``simd``, as a uniform folding is meant."""
    legal = list(choices(layer, source))
    best_pe = max((choice.pe for choice in legal if choice.pe <= pe), default=0)
    best_simd = max((choice.simd for choice in legal if choice.simd <= simd), default=0)
    return LayerFolding(pe=best_pe, simd=best_simd)
