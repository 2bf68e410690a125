# SPDX-License-Identifier: Apache-2.0
"""What multiplies in a matrix layer: from ``operands``, ``address``, ``add_valid``, ``add_first`` to ``sums``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from attrs import field, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.constant import unroll
from drawplate_dataflow.hardware.element import Element
from drawplate_dataflow.hardware.encode import pack
from drawplate_dataflow.hardware.items import Instance, Item, Repeated, Wires
from drawplate_dataflow.hardware.rom import RomCell, read
from drawplate_dataflow.layers.matmul.chains import in_blocks, late_addresses, late_operands, tap
from drawplate_dataflow.layers.matmul.encode import arrange
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan
from drawplate_dataflow.network import IntType

LARGEST_CONSTANT = 8192
"""Weights of the largest layer that is unrolled with its weights in the logic."""


@frozen(eq=False)
class Engine:
    """Processing elements with their weights."""

    items: Callable[[], Iterable[Item]] = field(repr=False)
    latency: int
    """Clocks from operands to the accumulating adder."""


def engine(layer: Matrix, plan: MatMulPlan, x: IntType) -> Engine:
    """Make the processing elements.

    Raises:
        ModelError: when more weights are constants in the logic than is sensible.
    """
    return _unrolled(layer, plan, x) if plan.unrolled else Engine(partial(_folded, layer, plan, x), plan.latency)


def _folded(layer: Matrix, plan: MatMulPlan, x: IntType) -> Iterator[Item]:
    """Equal elements of LUTs that read their weights from one ROM, and those in multiplier blocks."""
    yield Wires(layer.pe * plan.accumulator, ("sums",))
    if plan.share is not None:
        yield from late_addresses(plan)
        yield from late_operands(layer, plan, x)
    if plan.dot is not None:
        yield from _in_luts(layer, plan, Element(plan.dot))
    if plan.share is not None:
        yield from in_blocks(layer, plan, plan.share, x)


def _in_luts(layer: Matrix, plan: MatMulPlan, element: Element) -> Iterator[Item]:
    assert plan.weights is not None
    count, bits = layer.pe - layer.dsp_pe, plan.accumulator
    each = layer.simd * plan.code.bits

    def words() -> list[int]:
        stored = arrange(plan.code.encode(layer.weights), layer)[:, :, :count]
        return pack(stored.reshape(plan.depth, -1), plan.code.bits)

    def one(pe: int) -> Iterator[Item]:
        nets = {"clk": "clk", "valid": "add_valid", "first": "add_first", "x": "late" if plan.dot_wait else "operands"}
        ends = {"w": f"w[{pe * each} +: {each}]", "acc": f"sums[{pe * bits} +: {bits}]"}
        yield Instance(element, f"pe{pe}", nets | ends)

    yield Wires(plan.weights.bits, ("w",))
    yield from read(RomCell(plan.weights, words), "weights", tap(plan, plan.dot_wait), "w", plan.technology)
    yield Repeated(count, one)


def _unrolled(layer: Matrix, plan: MatMulPlan, x: IntType) -> Engine:
    """One element per output with its weights in the logic."""
    if layer.weights.size > LARGEST_CONSTANT:
        raise ModelError(
            f"{layer.weights.size:,} weights in the logic are not considered",
            where=f"layer {layer.said}",
            allowed=f"at most {LARGEST_CONSTANT:,} in one clock",
        )
    dots, bits = unroll(layer.weights, x.bits, plan.accumulator, plan.technology), plan.accumulator

    def items() -> Iterator[Item]:
        yield Wires(layer.pe * bits, ("sums",))
        for number, cell in enumerate(dots.cells):
            nets = {"clk": "clk", "valid": "add_valid", "x": "operands"}
            yield Instance(cell, f"pe{number}", nets | {"acc": f"sums[{number * bits} +: {bits}]"})

    return Engine(items, dots.latency)
