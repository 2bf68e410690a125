# SPDX-License-Identifier: Apache-2.0
"""What is decided about a matrix layer before any Verilog is written; cost models read the same decisions."""

from __future__ import annotations

from functools import partial
from math import gcd

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.activation import SMALLEST_ROOM
from drawplate_dataflow.hardware.design import Rom, Style
from drawplate_dataflow.hardware.dot import Dot, DotSpec, build
from drawplate_dataflow.hardware.encode import WeightCode, weight_code
from drawplate_dataflow.hardware.rom import LUT_DEPTH
from drawplate_dataflow.layers.matmul.blocks import Share, choose, sum_bits
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.network import IntType, Memory

AUTO_LUT_WORDS = 64
"""Weight memories of at most this many words go to LUTs: one LUT6 per bit then equals one word per clock."""


@frozen(kw_only=True)
class MatMulPlan:
    """Decisions about one matrix layer."""

    code: WeightCode
    accumulator: int
    units: int
    depth: int
    """Words of weights."""
    weights: Rom | None
    """Those of the processing elements made of LUTs; None where there are none, or weights are constants."""
    lanes: tuple[Rom, ...]
    """Weights of the chains of blocks, one memory per two elements of a word."""
    dot: Dot | None
    """A processing element made of LUTs."""
    share: Share | None
    """What multiplies in blocks."""
    late: int = 0
    """Clocks by which sums of blocks come later than those of LUTs, whose turn to leave is first."""
    dot_wait: int = 0
    """Clocks that what is made of LUTs waits for what is made of blocks, where that is not enough."""
    cycles: int

    @property
    def unrolled(self) -> bool:
        """Whether the whole matrix is multiplied in one clock, by weights that are constants."""
        return self.dot is None and self.share is None

    @property
    def roms(self) -> tuple[Rom, ...]:
        """All weight memories."""
        return self.lanes if self.weights is None else (self.weights, *self.lanes)

    @property
    def latency(self) -> int:
        """Clocks from the operands to the accumulating adder of a folded layer; of those in blocks, ``late`` more."""
        if self.dot is not None:
            return self.dot.latency + self.dot_wait
        return self.share.latency if self.share else 0


def accumulator_bits(layer: Matrix, x: IntType) -> int:
    """Width of sums of stored products, with one code above the largest left free."""
    if layer.dsp_pe:
        return sum_bits(layer, x)
    largest = int(abs(layer.weights).sum(axis=0).max()) * ((1 << x.bits) - 1)
    return (largest + 1).bit_length()


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
        where=f"layer {layer.name}",
        allowed=f"a PE of which {layer.mh} outputs are a multiple, or a smaller SIMD",
    )


def cycles_of(layer: Matrix, beat: int) -> int:
    """Clocks per frame, where words of ``beat`` elements arrive."""
    arriving = layer.mw // gcd(beat, layer.simd) if beat != layer.simd else layer.sf
    return layer.output.pixels * max(layer.sf * layer.nf, arriving)


def plan_matmul(layer: Matrix, x: IntType, prefix: str, beat: int) -> MatMulPlan:
    """Decide.

    Args:
        layer: the layer.
        x: type of its input stream.
        prefix: first part of the names of its modules.
        beat: elements of a word of its input stream.

    Raises:
        ModelError: when the folding cannot be built.
    """
    check_folding(layer)
    code = weight_code(layer.weights, layer.weight_type)
    accumulator = accumulator_bits(layer, x)
    depth = layer.sf * layer.nf
    in_luts = 0 if depth == 1 else layer.pe - layer.dsp_pe
    dot = build(DotSpec(code, x.bits, layer.simd, accumulator)) if in_luts else None
    share = _share(layer, x, code, dot) if layer.dsp_pe else None
    units = threshold_units(layer)
    behind = share.latency - dot.latency if share and dot else 0
    late = min(behind, in_luts // units) if units < layer.pe else 0
    rom = partial(Rom, purpose="weights", depth=depth, style=_weight_style(layer, depth))
    lane_bits = share.chains * share.packing.weights * share.packing.weight_bits if share else 0
    return MatMulPlan(
        code=code,
        accumulator=accumulator,
        units=units,
        depth=depth,
        weights=rom(name=f"{prefix}_weights", bits=in_luts * layer.simd * code.bits) if in_luts else None,
        lanes=tuple(
            rom(name=f"{prefix}_lane{lane}", bits=lane_bits * min(2, layer.simd - lane))
            for lane in range(0, layer.simd if share else 0, 2)
        ),
        dot=dot,
        share=share,
        late=late,
        dot_wait=behind - late,
        cycles=cycles_of(layer, beat),
    )


def _share(layer: Matrix, x: IntType, code: WeightCode, dot: Dot | None) -> Share:
    bits = sum_bits(layer, x)
    try:
        packing = choose(code, x, layer.simd, bits)
    except ModelError as error:
        raise error.at(f"layer {layer.name}") from None
    wait = max(0, (dot.latency if dot else 0) - packing.latency)
    return Share(pes=layer.dsp_pe, packing=packing, bias=1 << (bits - 1), wait=wait)


def output_room(layer: Matrix, units: int, latency: int) -> int:
    """Words of the output FIFO: the results of all passes that can be on their way, and of one more."""
    flight = latency + 2 * layer.output.type.bits + 8
    passes = 2 + -(-flight // layer.sf)
    return max(SMALLEST_ROOM, 1 << (layer.pe // units * passes - 1).bit_length())


def _weight_style(layer: Matrix, depth: int) -> Style:
    if layer.memory is Memory.AUTO:
        return Style.LUT if depth <= AUTO_LUT_WORDS else Style.BLOCK
    if layer.memory is Memory.LUT and depth > LUT_DEPTH:
        raise ModelError(
            f"{depth} words of weights do not fit LUTs",
            where=f"layer {layer.name}",
            allowed=f"at most {LUT_DEPTH} words, or block RAM",
        )
    return Style(layer.memory.value)


def check_folding(layer: Matrix) -> None:
    """Refuse a folding that cannot be built.

    Raises:
        ModelError: when PE or SIMD is outside the matrix, or leaves gaps that weights cannot fill.
    """
    where = f"layer {layer.name}"
    if not 1 <= layer.simd <= layer.mw or not 1 <= layer.pe <= layer.mh:
        raise ModelError(
            f"PE = {layer.pe}, SIMD = {layer.simd} is outside the matrix of {layer.mw} inputs and {layer.mh} outputs",
            where=where,
        )
    if not 0 <= layer.dsp_pe <= layer.pe or (layer.dsp_pe and layer.sf == layer.nf == 1):
        raise ModelError(
            f"{layer.dsp_pe} of {layer.pe} processing elements in DSP48E1 blocks",
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
