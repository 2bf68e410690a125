# SPDX-License-Identifier: Apache-2.0
"""What is decided about a matrix layer before it is put together."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np
from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.activation import SMALLEST_ROOM
from drawplate_dataflow.hardware.dot import Dot, DotSpec, build
from drawplate_dataflow.hardware.encode import WeightCode, weight_code
from drawplate_dataflow.hardware.identity import ByIdentity
from drawplate_dataflow.layers.matmul.blocks import Share, choose, sum_bits
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.network import IntType, Memory
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Rom, Style, Technology


@frozen(kw_only=True)
class MatMulPlan:
    """Decisions about one matrix layer."""

    technology: Technology
    code: WeightCode
    accumulator: int
    units: int
    depth: int
    """Words of weights."""
    weights: Rom | None
    """Those of the processing elements made of LUTs; None where there are none, or weights are constants."""
    simd: int
    style: Style
    """Of the weight memories."""
    dot: Dot | None
    """A processing element made of LUTs."""
    share: Share | None
    """What multiplies in blocks."""
    late: int = 0
    """Clocks by which sums of blocks come later than those of LUTs, whose turn to leave is first."""
    dot_wait: int = 0
    """Clocks that what is made of LUTs waits for what is made of blocks, where that is not enough."""

    @property
    def lanes(self) -> int:
        """Weight memories of the chains of blocks, one per two elements of a word."""
        return -(-self.simd // 2) if self.share else 0

    def lane(self, at: int) -> Rom:
        """Return the weight memory of elements ``2 * at`` and ``2 * at + 1``."""
        assert self.share is not None
        packing = self.share.packing
        bits = self.share.chains * packing.weights * packing.weight_bits * min(2, self.simd - 2 * at)
        return _memory(f"lane{2 * at}", bits, self.depth, self.style)

    @property
    def unrolled(self) -> bool:
        """Whether the whole matrix is multiplied in one clock, by weights that are constants."""
        return self.dot is None and self.share is None

    @property
    def latency(self) -> int:
        """Clocks from the operands to the accumulating adder of a folded layer; of those in blocks, ``late`` more."""
        if self.dot is not None:
            return self.dot.latency + self.dot_wait + self.late_words
        return self.share.latency + self.late_words if self.share else 0

    @property
    def late_words(self) -> int:
        """Clocks that words of a ROM come later than one after their address."""
        return self.technology.rom_clocks - 1


def _memory(name: str, bits: int, depth: int, style: Style) -> Rom:
    return Rom(name=name, purpose="weights", bits=bits, depth=depth, style=style)


def accumulator_bits(layer: Matrix, x: IntType) -> int:
    """Width of sums of stored products, with one code above the largest left free."""
    if layer.dsp_pe:
        return sum_bits(layer, x)
    return (_largest(ByIdentity(layer.weights)) * ((1 << x.bits) - 1) + 1).bit_length()


@lru_cache(maxsize=64)
def _largest(weights: ByIdentity[Integers]) -> int:
    """Sum of the magnitudes of the weights of an output, at most."""
    return int(np.abs(weights.value).sum(axis=0).max())


def code_of(layer: Matrix) -> WeightCode:
    """Return how weights are stored."""
    return _code(ByIdentity(layer.weights), layer.weight_type)


@lru_cache(maxsize=64)
def _code(weights: ByIdentity[Integers], weight_type: IntType) -> WeightCode:
    return weight_code(weights.value, weight_type)


def threshold_units(layer: Matrix) -> int:
    """How many results leave per clock: the fewest that keep up with the processing elements.

    Raises:
        ModelError: when no number of units divides both PE and the outputs.
    """
    for units in range(1, layer.pe + 1):
        if layer.pe % units == 0 and layer.mh % units == 0 and layer.pe // units <= layer.sf:
            return units
    raise ModelError(
        f"PE = {layer.pe} cannot be drained in {layer.sf} clocks",
        where=f"layer {layer.said}",
        allowed=f"a PE of which {layer.mh} outputs are a multiple, or a smaller SIMD",
    )


def cycles_of(layer: Matrix, beat: int) -> int:
    """Clocks per frame, where words of ``beat`` elements arrive."""
    arriving = layer.mw // gcd(beat, layer.simd) if beat != layer.simd else layer.sf
    return layer.output.pixels * max(layer.sf * layer.nf, arriving)


def plan_matmul(layer: Matrix, x: IntType, technology: Technology) -> MatMulPlan:
    """Decide.

    Args:
        layer: the layer.
        x: type of its input stream.
        technology: what it is built for.

    Raises:
        ModelError: when the folding cannot be built.
    """
    check_folding(layer)
    code = code_of(layer)
    accumulator = accumulator_bits(layer, x)
    depth = layer.sf * layer.nf
    in_luts = 0 if depth == 1 else layer.pe - layer.dsp_pe
    dot = build(DotSpec(code, x.bits, layer.simd, accumulator, technology)) if in_luts else None
    share = _share(layer, x, code, dot, technology) if layer.dsp_pe else None
    units = threshold_units(layer)
    behind = share.latency - dot.latency if share and dot else 0
    late = min(behind, in_luts // units) if units < layer.pe else 0
    style = _weight_style(layer, depth, technology)
    return MatMulPlan(
        technology=technology,
        code=code,
        accumulator=accumulator,
        units=units,
        depth=depth,
        weights=_memory("weights", in_luts * layer.simd * code.bits, depth, style) if in_luts else None,
        simd=layer.simd,
        style=style,
        dot=dot,
        share=share,
        late=late,
        dot_wait=behind - late,
    )


def _share(layer: Matrix, x: IntType, code: WeightCode, dot: Dot | None, technology: Technology) -> Share:
    bits = sum_bits(layer, x)
    try:
        packing = choose(DotSpec(code, x.bits, layer.simd, bits, technology))
    except ModelError as error:
        raise error.at(f"layer {layer.said}") from None
    wait = max(0, (dot.latency if dot else 0) - packing.latency)
    return Share(pes=layer.dsp_pe, packing=packing, bias=1 << (bits - 1), wait=wait)


def output_room(layer: Matrix, plan: MatMulPlan, latency: int) -> int:
    """Words of the output FIFO: the results of all passes that can be on their way, and of one more."""
    flight = latency + (2 + plan.late_words) * layer.output.type.bits + 8
    passes = 2 + -(-flight // layer.sf)
    return max(SMALLEST_ROOM, 1 << (layer.pe // plan.units * passes - 1).bit_length())


def _weight_style(layer: Matrix, depth: int, technology: Technology) -> Style:
    if layer.memory is Memory.AUTO:
        return technology.weight_style(depth)
    if layer.memory is Memory.LUT and depth > technology.lut_rom_words:
        raise ModelError(
            f"{depth} words of weights do not fit LUTs",
            where=f"layer {layer.said}",
            allowed=f"at most {technology.lut_rom_words} words, or block RAM",
        )
    return Style(layer.memory.value)


def check_folding(layer: Matrix) -> None:
    """Refuse a folding that cannot be built.

    Raises:
        ModelError: when PE or SIMD is outside the matrix, or leaves gaps that weights cannot fill.
    """
    where = f"layer {layer.said}"
    if not 1 <= layer.simd <= layer.mw or not 1 <= layer.pe <= layer.mh:
        raise ModelError(
            f"PE = {layer.pe}, SIMD = {layer.simd} is outside the matrix of {layer.mw} inputs and {layer.mh} outputs",
            where=where,
        )
    if not 0 <= layer.dsp_pe <= layer.pe or (layer.dsp_pe and layer.sf == layer.nf == 1):
        raise ModelError(
            f"{layer.dsp_pe} of {layer.pe} processing elements in multiplier blocks",
            where=where,
            allowed=f"0 to {layer.pe}; none where the whole matrix is multiplied in one clock by constants",
        )
    uneven = layer.mw % layer.simd or layer.mh % layer.pe
    if uneven and layer.weight_type.bipolar:
        raise ModelError(
            f"PE = {layer.pe}, SIMD = {layer.simd} leave gaps, which weights without a zero cannot fill",
            where=where,
            allowed=f"divisors of {layer.mh} (PE) and of {layer.mw} (SIMD)",
        )
