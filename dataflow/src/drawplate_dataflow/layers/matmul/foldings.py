# SPDX-License-Identifier: Apache-2.0
"""The foldings of a matrix layer that a search considers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from attrs import frozen

from drawplate_dataflow.hardware.dot import DotSpec
from drawplate_dataflow.layers.matmul.blocks import choose, saved, sum_bits
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import code_of
from drawplate_dataflow.network import IntType, LayerFolding, Memory
from drawplate_dataflow.network.folding import divisors
from drawplate_dataflow.technology import Technology

STEP: Final = 20
"""Multiplier blocks between two shares of a layer that are considered."""
SMALL: Final = 256
"""Weights of a matrix that is always considered in one clock."""
FASTER: Final = 16
"""Times that a larger one in one clock may be faster than it has to be; beyond, some folding is cheaper."""


def matrix_foldings(layer: Matrix, x: IntType, technology: Technology, most: int) -> Iterator[LayerFolding]:
    """Yield PE that divide the outputs, SIMD that divide the inputs, where weights are kept, and shares in blocks.

    A large matrix in one clock is left to ``near_foldings``: its logic is laid out anew for every layer's weights.

    Args:
        layer: the layer.
        x: type of its input.
        technology: device family that it is for.
        most: multiplier blocks that it may have.
    """
    for pe, simd in product(divisors(layer.mh), divisors(layer.mw)):
        if _is_whole(layer, pe, simd) and layer.weights.size > SMALL:
            continue
        yield from _kept_and_shared(_Place(layer, x, technology, most), pe, simd)


def near_foldings(
    layer: Matrix, x: IntType, technology: Technology, interval: int, most: int
) -> Iterator[LayerFolding]:
    """Yield foldings that leave gaps, of which none with as many passes is smaller, and the matrix in one clock.

    Args:
        layer: the layer; where its weights cannot be zero, gaps cannot be filled.
        x: type of its input.
        technology: device family that it is for.
        interval: cycles per frame, of which those with gaps take more than half, and at most all; a large matrix in
            one clock takes no less than a sixteenth.
        most: multiplier blocks that it may have.
    """
    place = _Place(layer, x, technology, most)
    if layer.weights.size > SMALL and interval <= FASTER * layer.output.pixels:
        yield from _kept_and_shared(place, layer.mh, layer.mw)
    if layer.weight_type.code(0) is None:
        return
    for pe, simd in product(_ceilings(layer.mh), _ceilings(layer.mw)):
        cycles = layer.output.pixels * -(-layer.mh // pe) * -(-layer.mw // simd)
        if interval < 2 * cycles <= 2 * interval and (layer.mh % pe or layer.mw % simd):
            yield from _kept_and_shared(place, pe, simd)


def _is_whole(layer: Matrix, pe: int, simd: int) -> bool:
    return (pe, simd) == (layer.mh, layer.mw)


def _ceilings(number: int) -> list[int]:
    """Return the least divisor for every number of rounds, ascending."""
    return sorted({-(-number // rounds) for rounds in range(1, number + 1)})


@frozen
class _Place:
    """A layer and where it goes."""

    layer: Matrix
    x: IntType
    technology: Technology
    most: int
    """Multiplier blocks that it may have."""


def _kept_and_shared(place: _Place, pe: int, simd: int) -> Iterator[LayerFolding]:
    depth = -(-place.layer.mh // pe) * -(-place.layer.mw // simd)
    shares = _block_shares(place, pe, simd) if depth > 1 and place.most else (0,)
    for memory, dsp_pe in product(_memories(depth, place.technology), shares):
        yield LayerFolding(pe=pe, simd=simd, memory=memory, dsp_pe=dsp_pe)


def _block_shares(place: _Place, pe: int, simd: int) -> tuple[int, ...]:
    """Return how many of PE processing elements may multiply in blocks: none, all, and whole chains between.

    Shares are about ``STEP`` blocks apart; where blocks save no LUTs there is only 0.
    """
    layer, x, block = place.layer, place.x, place.technology.multiplier
    if block is None or simd > block.longest or x.bits > block.narrow - 1:
        return (0,)
    code, bits = code_of(layer), sum_bits(layer, x)
    spec = DotSpec(code, x.bits, simd, bits, place.technology)
    packing = choose(spec)
    if saved(packing, spec) <= 0:
        return (0,)
    chains, most = -(-pe // packing.weights), place.most // packing.blocks
    step = max(1, round(STEP / packing.blocks))
    counts = {*range(0, min(chains, most) + 1, step), *([chains] if chains <= most else [])}
    return tuple(min(pe, count * packing.weights) for count in sorted(counts))


def _memories(depth: int, technology: Technology) -> tuple[Memory, ...]:
    return (Memory.BLOCK, Memory.LUT) if 1 < depth <= technology.lut_rom_words else (Memory.AUTO,)
