# SPDX-License-Identifier: Apache-2.0
"""Options of the step ``z7020``."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from drawplate.options import option
from drawplate_target_z7020.parts import PORTS


def _port() -> Any:
    return option(
        "Bits per clock from memory to the design: 64, or 128 by two high-performance ports and the DMA engine of our "
        "own.",
        default=64,
        choices=PORTS,
        unit="bits",
    )


def _packed() -> Any:
    return option(
        "Let pixels come without gaps between words of the design: the wrapper shifts them into place.", default=False
    )


def _embedded() -> Any:
    return option(
        "The network goes into logic of your own: the board's port does not bound its rate, and the wrapper is not "
        "counted.",
        default=False,
    )


@frozen(kw_only=True)
class ExportOptions:
    """What is written."""

    board: str = option("Board, a row of parts.csv.", default="pynq-z2")
    clock_mhz: float = option("Clock of the design.", default=100.0, above=0, unit="MHz")
    port: int = _port()
    packed: bool = _packed()
    embedded: bool = _embedded()


@frozen(kw_only=True)
class MeasureOptions:
    """What is found out."""

    board: str = option("Board, a row of parts.csv.", default="pynq-z2")
    clock_mhz: float = option(
        "Clock that rates are given at; whether it is reached is not proven.", default=100.0, above=0, unit="MHz"
    )
    port: int = _port()
    packed: bool = _packed()
    embedded: bool = _embedded()
    images: int = option("Test images that are simulated clock by clock; 0 simulates nothing.", default=100, at_least=0)
    back_pressure: bool = option("Simulate once more with random pauses at input and output.", default=True)
    gates: bool = option("Simulate LUTs and carry chains instead of the fast model.", default=False)
    synthesise: bool = option("Count resources with yosys; otherwise they are estimated.", default=True)
    trace: int = option(
        "Test images whose waveform (VCD, all signals) is kept in the store; a note says where.", default=0, at_least=0
    )
    activity: int = option(
        "Test images for which the changes of every net are counted, gate by gate, for the energy of a frame; 0 takes "
        "what is typical.",
        default=0,
        at_least=0,
    )
    netlist: int = option(
        "So many test images go through the netlist that yosys maps the whole design to, cell by cell, under random "
        "back-pressure; the step fails where one output differs from the golden model's. 0: none.",
        default=0,
        at_least=0,
    )
    logic_depth: bool = option(
        "Find the longest path through the logic of each layer, without wires: a guard, never a clock.", default=False
    )
    place: str | None = option(
        "Place and route by an installed tool: nextpnr (the whole logic; nextpnr-himbaechel or nextpnr-xilinx and a "
        "database of the chip) or vivado (the design alone).  Counts and clock are then placed, not synthesised.",
        default=None,
        choices=("nextpnr", "vivado"),
    )
