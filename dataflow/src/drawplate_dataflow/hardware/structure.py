# SPDX-License-Identifier: Apache-2.0
"""What a folded layer consists of: the one description that Verilog, resources and cycles come from."""

from __future__ import annotations

from attrs import frozen

from drawplate_dataflow.hardware.items import Item
from drawplate_dataflow.hardware.module import CLOCKED, Module, stream_pins
from drawplate_dataflow.hardware.port import Port


@frozen(kw_only=True)
class Facts:
    """What is told of a layer beside its ports; 0 for what it does not have."""

    pe: int = 1
    simd: int = 1
    units: int = 1
    """Threshold units, and results per clock."""
    weight_bits: int = 0
    accumulator: int = 0
    latency: int = 0
    """Clocks from operands to the accumulating adder."""
    unrolled: bool = False
    """Whether the weights are constants in the logic, so that their values decide the resources."""


@frozen(kw_only=True, eq=False)
class Structure:
    """A folded layer in hardware."""

    module: Module
    m_port: Port
    cycles: int
    """Clocks per frame that it needs when its neighbours keep up."""
    facts: Facts = Facts()


def stream_module(s_widths: tuple[int, ...], m_width: int, items: tuple[Item, ...]) -> Module:
    """Make a module with a clock, input streams ``s`` (or ``s0``, ``s1``) and the output stream ``m``."""
    names = ("s",) if len(s_widths) == 1 else tuple(f"s{at}" for at in range(len(s_widths)))
    arriving = tuple(pin for name, width in zip(names, s_widths, strict=True) for pin in stream_pins(name, width))
    return Module((*CLOCKED, *arriving, *stream_pins("m", m_width, leaves=True)), items)
