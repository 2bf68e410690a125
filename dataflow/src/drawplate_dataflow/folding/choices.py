# SPDX-License-Identifier: Apache-2.0
"""The legal foldings of a layer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from attrs import evolve, fields, frozen

from drawplate_dataflow.hardware.blocks import ELEMENT_BITS, LONGEST, choose, saved, sum_bits
from drawplate_dataflow.hardware.encode import weight_code
from drawplate_dataflow.hardware.rom import LUT_DEPTH
from drawplate_dataflow.network import IntType, Layer, MatMul, Memory, Stream

STEP: Final = 20
"""DSP48E1 blocks between two shares of a layer that are considered."""
MOST: Final = 220
"""DSP48E1 blocks of the largest part in ``parts.csv``."""


@frozen(kw_only=True, order=True)
class LayerFolding:
    """PE, SIMD and where the weights are; 0 for what a layer does not have."""

    pe: int = 0
    simd: int = 0
    memory: Memory = Memory.AUTO
    dsp_pe: int = 0
    """Of PE, those that multiply in DSP48E1 blocks."""


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
                shares = block_shares(layer, source.type, pe, simd) if depth > 1 else (0,)
                for memory, dsp_pe in product(_memories(depth), shares):
                    yield LayerFolding(pe=pe, simd=simd, memory=memory, dsp_pe=dsp_pe)
    elif "simd" in names:
        yield from (LayerFolding(simd=simd) for simd in divisors(source.channels))
    elif "pe" in names:
        yield from (LayerFolding(pe=pe) for pe in divisors(layer.output.channels))
    else:
        yield LayerFolding()


def block_shares(layer: MatMul, x: IntType, pe: int, simd: int) -> tuple[int, ...]:
    """Return how many of PE processing elements may multiply in DSP48E1 blocks: none, all, and whole chains between.

    Shares are about ``STEP`` blocks apart and of at most ``MOST``; where blocks save no LUTs there is only 0.
    """
    if simd > LONGEST or x.bits > ELEMENT_BITS:
        return (0,)
    code, bits = weight_code(layer.weights, layer.weight_type), sum_bits(layer, x)
    packing = choose(code, x, simd, bits)
    if saved(packing, code, x, simd, bits) <= 0:
        return (0,)
    chains, most = -(-pe // packing.weights), MOST // packing.blocks
    step = max(1, round(STEP / packing.blocks))
    counts = {*range(0, min(chains, most) + 1, step), *([chains] if chains <= most else [])}
    return tuple(min(pe, count * packing.weights) for count in sorted(counts))


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
        changes |= {"memory": folding.memory, "dsp_pe": folding.dsp_pe}
    return evolve(layer, **changes)


def uniform(layer: Layer, source: Stream, pe: int, simd: int) -> LayerFolding:
    """Return the legal folding nearest below ``pe`` and ``simd``, as a uniform folding is meant."""
    legal = list(choices(layer, source))
    best_pe = max((choice.pe for choice in legal if choice.pe <= pe), default=0)
    best_simd = max((choice.simd for choice in legal if choice.simd <= simd), default=0)
    return LayerFolding(pe=best_pe, simd=best_simd)
