# SPDX-License-Identifier: Apache-2.0
"""Processing elements in multiplier blocks: late addresses and elements, chains, accumulators."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from drawplate_dataflow.hardware.encode import pack
from drawplate_dataflow.hardware.items import Assign, Instance, Item, Repeated, Wires
from drawplate_dataflow.hardware.library import ACCUMULATE, CHAIN, TAPS
from drawplate_dataflow.hardware.rom import RomCell, delayed, read
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.layers.matmul.blocks import Share, first_terms, stored_words
from drawplate_dataflow.layers.matmul.encode import arrange
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan
from drawplate_dataflow.network import IntType
from drawplate_dataflow.network.types import Integers


def longest_wait(plan: MatMulPlan) -> int:
    """Return the clocks that the last weights are read after the first."""
    assert plan.share is not None
    return max(plan.dot_wait, plan.share.wait + 2 * (plan.lanes - 1))


def tap(plan: MatMulPlan, clocks: int) -> str:
    """Return the net of the weight address of so many clocks ago."""
    bits = address_bits(plan.depth)
    return f"addresses[{clocks * bits} +: {bits}]" if plan.share else "address"


def late_addresses(plan: MatMulPlan) -> Iterator[Item]:
    """Yield the addresses of now and of the last clocks."""
    bits, clocks = address_bits(plan.depth), longest_wait(plan)
    yield Wires((clocks + 1) * bits, ("addresses",))
    yield Instance(TAPS(BITS=bits, CLOCKS=clocks), "taps", {"clk": "clk", "d": "address", "q": "addresses"})


def late_operands(layer: Matrix, plan: MatMulPlan, x: IntType) -> Iterator[Item]:
    """Yield the elements as the chains need them, one clock after the other, and all together for what is in LUTs."""
    assert plan.share is not None
    yield Wires(layer.simd * x.bits, ("elements",))
    for lane in range(0, layer.simd, 2):
        bits = x.bits * min(2, layer.simd - lane)
        part = f"[{lane * x.bits} +: {bits}]"
        yield delayed(f"delay{lane}", bits, plan.share.wait + lane, f"operands{part}", f"elements{part}")
    if plan.dot_wait:
        bits = layer.simd * x.bits
        yield Wires(bits, ("late",))
        yield delayed("delay", bits, plan.dot_wait, "operands", "late")


def in_blocks(layer: Matrix, plan: MatMulPlan, share: Share, x: IntType) -> Iterator[Item]:
    """Yield the weight memories, the chains, and the accumulators of what they do not add up themselves."""
    yield from _flags(plan)
    yield from _memories(layer, plan, share)
    packing = share.packing
    cell = CHAIN(
        LANES=layer.simd,
        XB=x.bits,
        WEIGHTS=packing.weights,
        WB=packing.weight_bits,
        LB=packing.lane_bits,
        ADDUP=int(packing.adds_up),
        BIAS=packing.bias,
    )

    def one(chain: int) -> Iterator[Item]:
        each = packing.weights * packing.weight_bits
        words = ", ".join(
            f"w{lane // 2}[{(lane % 2 * share.chains + chain) * each} +: {each}]"
            for lane in reversed(range(layer.simd))
        )
        nets = {"clk": "clk", "valid": "late_valid", "first": "late_first", "x": "elements"}
        yield Wires(packing.weights * packing.lane_bits, (f"sums{chain}",))
        yield Instance(cell, f"chain{chain}", nets | {"w": f"{{{words}}}", "q": f"sums{chain}"})

    yield Repeated(share.chains, one)
    yield Repeated(share.pes, lambda pe: _sum(layer, plan, share, pe))


def _flags(plan: MatMulPlan) -> Iterator[Item]:
    """Yield flags that run beside what is multiplied in blocks."""
    flags = "{add_valid, add_first, done}"
    yield Wires(3, ("late_flags",))
    yield Wires(None, ("late_valid", "late_first", "late_done"))
    yield Assign({"{late_valid, late_first, late_done}": "late_flags"})
    yield delayed("flags", 3, plan.late, flags, "late_flags") if plan.late else Assign({"late_flags": flags})


def _memories(layer: Matrix, plan: MatMulPlan, share: Share) -> Iterator[Item]:
    @lru_cache(maxsize=1)
    def fields() -> Integers:
        last = arrange(layer.weights, layer)[:, :, layer.pe - layer.dsp_pe :]
        return stored_words(last, share).reshape(plan.depth, layer.simd, -1)

    def words(at: int) -> list[int]:
        return pack(fields()[:, 2 * at : 2 * at + 2].reshape(plan.depth, -1), share.packing.weight_bits)

    def one(at: int) -> Iterator[Item]:
        rom = plan.lane(at)
        yield Wires(rom.bits, (f"w{at}",))
        address = tap(plan, share.wait + 2 * at)
        yield from read(RomCell(rom, partial(words, at)), f"lane{at}", address, f"w{at}", plan.technology)

    whole = layer.simd // 2
    yield Repeated(whole, one)
    if whole < plan.lanes:
        yield from one(whole)


def _sum(layer: Matrix, plan: MatMulPlan, share: Share, pe: int) -> Iterator[Item]:
    """Yield what takes the sum of a processing element out of its chain."""
    packing, acc = share.packing, plan.accumulator
    chain, lane = divmod(pe, packing.weights)
    bits = min(acc, packing.lane_bits)
    lane_sum = f"sums{chain}[{lane * packing.lane_bits} +: {bits}]"
    total = f"sums[{(layer.pe - share.pes + pe) * acc} +: {acc}]"
    if packing.adds_up:
        yield Assign({total: lane_sum})
        return
    nets = {"clk": "clk", "valid": "late_valid", "first": "late_first", "term": lane_sum, "acc": total}
    cell = ACCUMULATE(BITS=acc, TERM=bits, INIT=first_terms(share, layer.sf, acc))
    yield Instance(cell, f"accumulate{pe}", nets)
