# SPDX-License-Identifier: Apache-2.0
"""The foldings of a matrix layer that a search considers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from drawplate_dataflow.hardware.encode import weight_code
from drawplate_dataflow.hardware.rom import LUT_DEPTH
from drawplate_dataflow.layers.matmul.blocks import ELEMENT_BITS, LONGEST, choose, saved, sum_bits
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.network import IntType, LayerFolding, Memory
from drawplate_dataflow.network.folding import divisors

STEP: Final = 20
"""Multiplier blocks between two shares of a layer that are considered."""


def matrix_foldings(layer: Matrix, x: IntType, most: int) -> Iterator[LayerFolding]:
    """Yield PE that divide the outputs, SIMD that divide the inputs, where weights are kept, and shares in blocks.

    Args:
        layer: the layer.
        x: type of its input.
        most: multiplier blocks that it may have.
    """
    for pe, simd in product(divisors(layer.mh), divisors(layer.mw)):
        yield from _kept_and_shared(layer, x, pe, simd, most)


def uneven_foldings(layer: Matrix, x: IntType, interval: int, most: int) -> Iterator[LayerFolding]:
    """Yield foldings that leave gaps, of which none with as many passes is smaller.

    Args:
        layer: the layer; where its weights cannot be zero, gaps cannot be filled.
        x: type of its input.
        interval: cycles per frame, of which they take more than half, and at most all.
        most: multiplier blocks that it may have.
    """
    if layer.weight_type.zero is None:
        return
    for pe, simd in product(_ceilings(layer.mh), _ceilings(layer.mw)):
        cycles = layer.output.pixels * -(-layer.mh // pe) * -(-layer.mw // simd)
        if interval < 2 * cycles <= 2 * interval and (layer.mh % pe or layer.mw % simd):
            yield from _kept_and_shared(layer, x, pe, simd, most)


def _ceilings(number: int) -> list[int]:
    """Return the least divisor for every number of rounds, ascending."""
    return sorted({-(-number // rounds) for rounds in range(1, number + 1)})


def _kept_and_shared(layer: Matrix, x: IntType, pe: int, simd: int, most: int) -> Iterator[LayerFolding]:
    depth = -(-layer.mh // pe) * -(-layer.mw // simd)
    shares = block_shares(layer, x, pe, simd, most) if depth > 1 and most else (0,)
    for memory, dsp_pe in product(_memories(depth), shares):
        yield LayerFolding(pe=pe, simd=simd, memory=memory, dsp_pe=dsp_pe)


def block_shares(layer: Matrix, x: IntType, pe: int, simd: int, most: int) -> tuple[int, ...]:
    """Return how many of PE processing elements may multiply in DSP48E1 blocks: none, all, and whole chains between.

    Shares are about ``STEP`` blocks apart and of at most ``most``; where blocks save no LUTs there is only 0.
    """
    if simd > LONGEST or x.bits > ELEMENT_BITS:
        return (0,)
    code, bits = weight_code(layer.weights, layer.weight_type), sum_bits(layer, x)
    packing = choose(code, x, simd, bits)
    if saved(packing, code, x, simd, bits) <= 0:
        return (0,)
    chains, most = -(-pe // packing.weights), most // packing.blocks
    step = max(1, round(STEP / packing.blocks))
    counts = {*range(0, min(chains, most) + 1, step), *([chains] if chains <= most else [])}
    return tuple(min(pe, count * packing.weights) for count in sorted(counts))


def _memories(depth: int) -> tuple[Memory, ...]:
    return (Memory.BLOCK, Memory.LUT) if 1 < depth <= LUT_DEPTH else (Memory.AUTO,)
