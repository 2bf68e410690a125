# SPDX-License-Identifier: Apache-2.0
"""Verilog of the processing elements in DSP48E1 blocks: late addresses and elements, chains, accumulators."""

from __future__ import annotations

from collections.abc import Sequence

from drawplate_dataflow.hardware.rom import RomText
from drawplate_dataflow.hardware.text import address_bits, instance, wire
from drawplate_dataflow.layers.matmul.blocks import Share, first_terms
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan
from drawplate_dataflow.network import IntType


def longest_wait(plan: MatMulPlan) -> int:
    """Return the clocks that the last weights are read after the first."""
    assert plan.share is not None
    return max(plan.dot_wait, plan.share.wait + 2 * (len(plan.lanes) - 1))


def tap(plan: MatMulPlan, clocks: int) -> str:
    """Return the net of the weight address of so many clocks ago."""
    bits = address_bits(plan.depth)
    return f"addresses[{clocks * bits} +: {bits}]" if plan.share else "address"


def late_addresses(plan: MatMulPlan) -> str:
    """Write the addresses of now and of the last clocks."""
    bits, clocks = address_bits(plan.depth), longest_wait(plan)
    return wire((clocks + 1) * bits, "addresses") + instance(
        "dp_taps", "taps", {"BITS": bits, "CLOCKS": clocks}, {"clk": "clk", "d": "address", "q": "addresses"}
    )


def late_operands(layer: Matrix, plan: MatMulPlan, x: IntType) -> str:
    """Write the elements as the chains need them, one clock after the other, and all together for what is in LUTs."""
    assert plan.share is not None
    text = wire(layer.simd * x.bits, "elements")
    for lane in range(0, layer.simd, 2):
        bits = x.bits * min(2, layer.simd - lane)
        part = f"[{lane * x.bits} +: {bits}]"
        text += _delay(f"delay{lane}", bits, plan.share.wait + lane, f"operands{part}", f"elements{part}")
    if plan.dot_wait:
        bits = layer.simd * x.bits
        text += wire(bits, "late") + _delay("delay", bits, plan.dot_wait, "operands", "late")
    return text


def _delay(name: str, bits: int, clocks: int, d: str, q: str) -> str:
    return instance("dp_delay", name, {"BITS": bits, "CLOCKS": clocks}, {"clk": "clk", "d": d, "q": q})


def chains(layer: Matrix, plan: MatMulPlan, share: Share, x: IntType, roms: Sequence[RomText]) -> str:
    """Write the weight memories, the chains, and the accumulators of what they do not add up themselves."""
    packing, acc = share.packing, plan.accumulator
    each = packing.weights * packing.weight_bits
    flags = "{add_valid, add_first, done}"
    text = wire(3, "late_flags") + "  wire late_valid = late_flags[2], late_first = late_flags[1];\n"
    if plan.late:
        text += "  wire late_done = late_flags[0];\n" + _delay("flags", 3, plan.late, flags, "late_flags")
    else:
        text += f"  assign late_flags = {flags};\n"
    text += "".join(
        wire(rom.rom.bits, f"w{at}") + rom.instance(f"lane{at}", tap(plan, share.wait + 2 * at), f"w{at}")
        for at, rom in enumerate(roms)
    )
    for chain in range(share.chains):
        words = ", ".join(
            f"w{lane // 2}[{(lane % 2 * share.chains + chain) * each} +: {each}]"
            for lane in reversed(range(layer.simd))
        )
        text += wire(packing.weights * packing.lane_bits, f"sums{chain}")
        text += instance(
            "dp_chain",
            f"chain{chain}",
            {"LANES": layer.simd, "XB": x.bits, "WEIGHTS": packing.weights, "WB": packing.weight_bits}
            | {"LB": packing.lane_bits, "ADDUP": int(packing.adds_up), "BIAS": packing.bias},
            {"clk": "clk", "valid": "late_valid", "first": "late_first", "x": "elements", "w": f"{{{words}}}"}
            | {"q": f"sums{chain}"},
        )
    start = first_terms(share, layer.sf, acc)
    for pe in range(share.pes):
        chain, lane = divmod(pe, packing.weights)
        bits = min(acc, packing.lane_bits)
        lane_sum, total = (
            f"sums{chain}[{lane * packing.lane_bits} +: {bits}]",
            f"sums[{(layer.pe - share.pes + pe) * acc} +: {acc}]",
        )
        if packing.adds_up:
            text += f"  assign {total} = {lane_sum};\n"
        else:
            text += instance(
                "dp_accumulate",
                f"accumulate{pe}",
                {"BITS": acc, "TERM": bits, "INIT": start},
                {"clk": "clk", "valid": "late_valid", "first": "late_first", "term": lane_sum, "acc": total},
            )
    return text
