# SPDX-License-Identifier: Apache-2.0
"""How weights share multiplier blocks: several processing elements multiply one element of a vector at once.

The wider port of a block holds ``sum(weight_i << (lane_bits * i))`` and the other one unsigned element, so the product
holds one product per processing element, ``lane_bits`` apart.  A lane is wide enough for every sum it can hold
once a bias has made it non-negative, so lanes never reach into each other.  Where a lane cannot hold the sum of a whole
vector, the chain passes on the sums of single words and LUTs add them up: more weights then share a block.

Two products per block with a correction in LUTs: Fu et al., Deep Learning with INT8 Optimization on Xilinx Devices
(WP486); here a bias takes the place of the correction.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.dot import DotSpec, build
from drawplate_dataflow.hardware.identity import ByIdentity
from drawplate_dataflow.layers.matmul.encode import offsets_of
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.network import IntType
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Multiplier


@frozen(kw_only=True)
class Packing:
    """How a layer's weights share blocks."""

    weights: int
    """Processing elements whose weights share a block."""
    lane_bits: int
    weight_bits: int
    """Stored bits of a weight."""
    adds_up: bool
    """Whether blocks hold the sum of a vector; otherwise LUTs add up the sums of words."""
    bias: int
    """Added to a lane once per sum that leaves it."""
    blocks: int
    """Of one chain."""
    latency: int
    """Clocks from the first element to the accumulating adder."""


@frozen(kw_only=True)
class Share:
    """The part of a layer that multiplies in blocks: its last ``pes`` processing elements."""

    pes: int
    packing: Packing
    bias: int
    """What sums are larger by than they should be: half their range."""
    wait: int
    """Clocks after the operands at which the first element enters the chains."""

    @property
    def latency(self) -> int:
        """Clocks from the operands to the accumulating adder."""
        return self.wait + self.packing.latency

    @property
    def chains(self) -> int:
        """Chains of blocks; the last may have processing elements to spare."""
        return -(-self.pes // self.packing.weights)

    @property
    def dsp(self) -> int:
        """Blocks of all chains."""
        return self.chains * self.packing.blocks


def sum_bits(layer: Matrix, x: IntType) -> int:
    """Return the bits of sums to which half their range is added, so that no bias depends on a training."""
    return _sum_bits(ByIdentity(layer.weights), (1 << x.bits) - 1)


@lru_cache(maxsize=1024)
def choose(spec: DotSpec) -> Packing:
    """Choose the packing that saves the most LUTs per block.

    Args:
        spec: the processing element that does the same in LUTs, with the bits of a sum with its bias.

    Raises:
        ModelError: when there are no blocks, an element is wider than their port, or a word needs a longer chain.
    """
    block, simd, bits = spec.technology.multiplier, spec.simd, spec.x_bits
    if block is None:
        raise ModelError(f"{spec.technology.name} multiplies in LUTs only", allowed="no processing element in blocks")
    if simd > block.longest:
        raise ModelError(f"a chain of {simd} {block.name} blocks", allowed=f"SIMD of at most {block.longest} in blocks")
    if bits > block.narrow - 1:
        raise ModelError(f"elements of {bits} bits", allowed=f"at most {block.narrow - 1} bits in a {block.name}")
    fitting = [packing for packing in packings(spec, block) if packing.blocks <= block.longest]
    if not fitting:
        raise ModelError(f"sums of {spec.accumulator} bits", allowed=f"at most {block.sum_bits} bits in a {block.name}")
    return max(fitting, key=lambda packing: saved(packing, spec))


def saved(packing: Packing, spec: DotSpec) -> float:
    """Return the LUTs of processing elements that a block saves."""
    luts = build(spec).resources.lut
    return packing.weights * (luts - (0 if packing.adds_up else spec.accumulator)) / packing.blocks


def packings(spec: DotSpec, block: Multiplier) -> Iterator[Packing]:
    """Yield the packing that adds up in blocks and the one that does not, where a block holds its lanes."""
    simd, stored = spec.simd, max(spec.code.bits, 2)
    word = simd * spec.code.largest * ((1 << spec.x_bits) - 1)
    for adds_up, bias, lane in (
        (True, 1 << (spec.accumulator - 1), spec.accumulator),
        (False, word, (2 * word).bit_length()),
    ):
        lane_bits = max(lane, stored)
        if lane_bits > block.sum_bits:
            continue
        fitting = min((block.wide - stored) // lane_bits + 1, block.sum_bits // lane_bits)
        yield Packing(
            weights=max(1, fitting),
            lane_bits=lane_bits,
            weight_bits=stored,
            adds_up=adds_up,
            bias=bias,
            blocks=simd + (adds_up and simd > 1),
            # Registers of an operand, of its product and of one sum per block; a single block adds up in the last.
            latency=simd + 2 - (adds_up and simd == 1),
        )


def offsets(layer: Matrix, x: IntType, share: Share | None) -> Integers:
    """Return the value of a stored sum of 0 of every output channel, [mh]."""
    in_luts = offsets_of(layer.weights, x)
    if share is None:
        return in_luts
    in_blocks = layer.weights.sum(axis=0) * x.low - x.step * share.bias
    found: Integers = np.where(np.arange(layer.mh) % layer.pe < layer.pe - share.pes, in_luts, in_blocks)
    return found


def stored_words(weights: Integers, share: Share) -> Integers:
    """Return the fields that the ROMs of the lanes hold, [nf, sf, simd, chains * weights].

    Field i of a chain is weight i less one where the number below it is negative, in two's complement.

    Args:
        weights: [nf, sf, pe, simd] of the last ``share.pes`` processing elements.
        share: of the layer.
    """
    each = share.packing.weights
    spare = share.chains * each - share.pes
    padded = np.pad(weights, ((0, 0), (0, 0), (0, spare), (0, 0))).transpose(0, 1, 3, 2)
    grouped = padded.reshape(*padded.shape[:3], share.chains, each)
    # The number below is as negative as its highest field that is not zero.
    below = np.zeros(grouped.shape[:-1], np.int64)
    fields = np.empty_like(grouped)
    for at in range(each):
        fields[..., at] = grouped[..., at] - (below < 0)
        below = np.where(grouped[..., at] != 0, grouped[..., at], below)
    stored: Integers = fields.reshape(padded.shape) & ((1 << share.packing.weight_bits) - 1)
    return stored


def first_terms(share: Share, words: int, accumulator: int) -> int:
    """Return what LUTs add to the first of ``words`` sums, so that all their biases come to ``share.bias``."""
    return (share.bias - words * share.packing.bias) % (1 << accumulator)


@lru_cache(maxsize=64)
def _sum_bits(weights: ByIdentity[Integers], largest: int) -> int:
    below = -int(np.minimum(weights.value, 0).sum(axis=0).min(initial=0)) * largest
    above = int(np.maximum(weights.value, 0).sum(axis=0).max(initial=0)) * largest
    # below <= half and above <= half - 2: the largest code is never reached.
    return 1 + max((below - 1).bit_length() if below else 0, (above + 1).bit_length())
