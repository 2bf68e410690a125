# SPDX-License-Identifier: Apache-2.0
"""What a matrix layer consists of, as the generator puts it together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.cost.structure import Structure, converters, memory_of
from drawplate_dataflow.hardware.constant import unroll
from drawplate_dataflow.hardware.netlist import Netlist
from drawplate_dataflow.hardware.same import Same
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.layers.matmul.activation import activation_of
from drawplate_dataflow.layers.matmul.blocks import Share
from drawplate_dataflow.layers.matmul.chains import longest_wait
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan, cycles_of, output_room, plan_matmul
from drawplate_dataflow.network import IntType

LARGEST_CONSTANT = 8192
"""Weights of the largest layer that is unrolled with its weights in the logic."""


def matrix_structure(layer: Matrix, x: IntType, beat: int) -> Structure:
    """Take a layer apart.

    Args:
        layer: the layer, folded.
        x: type of its input stream.
        beat: elements of an arriving word.

    Raises:
        ModelError: when the folding cannot be built.
    """
    behind = _behind_converters(Same(layer), x)
    before = converters(x.bits, layer.mw, beat, layer.simd)
    return evolve(behind, parts=(*before, *behind.parts), cycles=cycles_of(layer, beat))


@lru_cache(maxsize=8192)
def _behind_converters(same: Same[Matrix], x: IntType) -> Structure:
    """Take a layer apart that gets words of SIMD elements: the rest does not depend on what sends them."""
    layer = same.value
    plan = plan_matmul(layer, x, "layer", layer.simd)
    elements = _elements(layer, x, plan)
    units_after = activation_of(layer, x, plan)
    memory = memory_of((*units_after.roms, *plan.roms))
    return Structure(
        luts=elements.luts + memory.luts,
        ffs=elements.ffs + layer.simd * x.bits + memory.ffs,
        parts=(*_parts(layer, x, plan, elements.latency), *units_after.parts),
        bram18=memory.bram18,
        dsp=units_after.dsp + (plan.share.dsp if plan.share else 0),
        cycles=plan.cycles,
    )


@frozen
class _Elements:
    luts: int
    ffs: int
    latency: int


def _elements(layer: Matrix, x: IntType, plan: MatMulPlan) -> _Elements:
    """Count processing elements; netlists of weights in the logic have to be built for that."""
    if not plan.unrolled:
        count, net = layer.pe - layer.dsp_pe, plan.dot.netlist if plan.dot else Netlist()
        return _Elements(count * net.luts, count * net.ffs, plan.latency)
    if layer.weights.size > LARGEST_CONSTANT:
        raise ModelError(
            f"{layer.weights.size:,} weights in the logic are not considered",
            where=f"layer {layer.name}",
            allowed=f"at most {LARGEST_CONSTANT:,} in one clock",
        )
    dots = unroll(layer.weights, x.bits, plan.accumulator, "layer")
    return _Elements(dots.luts, dots.ffs, dots.latency)


def _parts(layer: Matrix, x: IntType, plan: MatMulPlan, latency: int) -> Iterator[Part]:
    """Yield the library modules around the processing elements, activation and width converters excepted."""
    yield part("dp_replay", {"BITS": layer.simd * x.bits, "SF": layer.sf, "NF": layer.nf})
    if plan.share is not None:
        yield from _blocks(layer, x, plan, plan.share)
    depth, room = plan.depth, output_room(layer, plan.units, latency)
    outs, channels = layer.pe // plan.units, layer.mh // plan.units
    yield part(
        "dp_control", {"DEPTH": depth, "OUTS": outs, "ROOM": room, "LATENCY": latency, "AB": address_bits(depth)}
    )
    yield part(
        "dp_drain",
        {"BITS": plan.accumulator, "PE": layer.pe, "UNITS": plan.units}
        | {"CHANNELS": channels, "CB": address_bits(channels), "LATE": layer.dsp_pe if plan.late else 0},
    )
    yield part("dp_results", {"BITS": plan.units * layer.output.type.bits, "DEPTH": room})


def _blocks(layer: Matrix, x: IntType, plan: MatMulPlan, share: Share) -> Iterator[Part]:
    """Yield the library modules around DSP48E1 blocks; the chains themselves take nothing else."""
    yield part("dp_taps", {"BITS": address_bits(plan.depth), "CLOCKS": longest_wait(plan)})
    for lane in range(0, layer.simd, 2):
        yield part("dp_delay", {"BITS": x.bits * min(2, layer.simd - lane), "CLOCKS": share.wait + lane})
    if plan.late:
        yield part("dp_delay", {"BITS": 3, "CLOCKS": plan.late})
    if plan.dot_wait:
        yield part("dp_delay", {"BITS": layer.simd * x.bits, "CLOCKS": plan.dot_wait})
    packing = share.packing
    chain = {"LANES": layer.simd, "XB": x.bits, "WEIGHTS": packing.weights, "WB": packing.weight_bits}
    yield from (part("dp_chain", chain | {"LB": packing.lane_bits, "ADDUP": int(packing.adds_up)}),) * share.chains
    if not packing.adds_up:
        adder = part("dp_accumulate", {"BITS": plan.accumulator, "TERM": min(plan.accumulator, packing.lane_bits)})
        yield from (adder,) * share.pes
