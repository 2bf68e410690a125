# SPDX-License-Identifier: Apache-2.0
"""Options of the step ``ecp5``."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from drawplate.options import option


def _embedded() -> Any:
    return option(
        "The network goes into logic of your own: the board's serial line does not bound its rate, and the wrapper is "
        "not counted; a bitstream has it all the same.",
        default=False,
    )


@frozen(kw_only=True)
class ExportOptions:
    """What is written."""

    board: str = option("Board, a row of boards.csv.", default="ulx3s-85f")
    clock_mhz: float = option("Clock of the design, made by a PLL.", default=100.0, above=0, unit="MHz")
    baud: int | None = option(
        "Bits per second of the serial line; left out, what the board's USB bridge carries.", default=None, above=0
    )
    embedded: bool = _embedded()
    bitstream: bool = option("Synthesise, place, route and pack: the bitstream is among the files.", default=True)
    placer_seed: int = option("Where placing starts from: another one gives another clock.", default=1, at_least=0)


@frozen(kw_only=True)
class MeasureOptions:
    """What is found out."""

    board: str = option("Board, a row of boards.csv.", default="ulx3s-85f")
    clock_mhz: float = option(
        "Clock that rates are given at, unless it is not reached.", default=100.0, above=0, unit="MHz"
    )
    baud: int | None = option(
        "Bits per second of the serial line; left out, what the board's USB bridge carries.", default=None, above=0
    )
    embedded: bool = _embedded()
    images: int = option("Test images that are simulated clock by clock; 0 simulates nothing.", default=100, at_least=0)
    back_pressure: bool = option("Simulate once more with random pauses at input and output.", default=True)
    gates: bool = option("Simulate cells of the family instead of the fast model.", default=False)
    place: bool = option("Place and route; otherwise resources are estimated and no clock is known.", default=True)
    placer_seed: int = option("Where placing starts from: another one gives another clock.", default=1, at_least=0)
    trace: int = option(
        "Test images whose waveform (VCD, all signals) is kept in the store; a note says where.", default=0, at_least=0
    )
