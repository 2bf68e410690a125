# SPDX-License-Identifier: Apache-2.0
"""Options of the step ``fold``."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate.options import option

PREFERENCES = ("balanced", "lut", "ff", "ram", "multiplier")


@frozen(kw_only=True)
class FoldOptions:
    """What a folding has to achieve.  Without any option: the most frames per second that the board allows."""

    board: str | None = option(
        "Board whose device is the budget; in a flow that of the target that follows, else pynq-z2.",
        default=None, follows="board",
    )  # fmt: skip
    target: str | None = option(
        "Target step that the model is folded for; in a flow the one that follows, else the board's.",
        default=None, follows="use",
    )  # fmt: skip
    clock_mhz: float | None = option(
        "Clock that frames per second are meant at; in a flow that of the target that follows, else the board's.",
        default=None, above=0, unit="MHz", follows="clock_mhz",
    )  # fmt: skip
    port: int | None = option(
        "Bits per clock from memory to the design; in a flow those of the target that follows, else the board's usual "
        "port.",
        default=None, at_least=1, unit="bits", follows="port",
    )  # fmt: skip
    packed: bool | None = option(
        "Whether pixels come without gaps between words; in a flow as the target that follows has it, else not.",
        default=None, follows="packed",
    )  # fmt: skip
    baud: int | None = option(
        "Bits per second of the board's serial line, where frames come by one; in a flow those of the target that "
        "follows, else what the board's carries.",
        default=None, above=0, unit="baud", follows="baud",
    )  # fmt: skip
    embedded: bool | None = option(
        "Whether the network goes into logic of your own, where neither the board's port bounds its rate nor the "
        "wrapper is counted; in a flow as the target that follows has it, else not.",
        default=None, follows="embedded",
    )  # fmt: skip
    ceiling: float | None = option(
        "Part of each of the board's resources that may be used; where left out, what a design has been shown to place "
        "with on such a device, and 0.85 of what was not tried.",
        default=None, above=0, at_most=1,
    )  # fmt: skip
    budget: Mapping[str, float] = option(
        "What may be used of a resource instead, by its name at the target: {lut = 20000, bram18 = 60}.", default={}
    )
    target_fps: float | None = option(
        "Meet this rate at the least price, instead of the highest rate.", default=None, above=0, unit="FPS"
    )
    prefer: str = option(
        "What a folding is to be cheap in: a whole budget of LUTs, memory blocks or multipliers costs 1 and of "
        "flip-flops 0.25 (balanced); or one resource alone, the others counting a thousandth.",
        default="balanced", choices=PREFERENCES,
    )  # fmt: skip
    weights: Mapping[str, float] = option(
        "Prices of whole budgets instead, by the resource's name at the target: {lut = 1, ff = 0, bram18 = 0.5}.",
        default={},
    )
    front: int = option(
        "Foldings of other rates that the report draws beside the chosen one, FPS against LUTs.",
        default=0, at_least=0, at_most=100,
    )  # fmt: skip
    time_limit: float = option(
        "Search no longer, in processor time, and say how far from the best the folding may be.",
        default=20.0,
        above=0,
        unit="s",
    )
    pe: int | None = option(
        "With simd: one folding for all layers, as far as it divides them.", default=None, at_least=1
    )
    simd: int | None = option(
        "With pe: one folding for all layers, as far as it divides them.", default=None, at_least=1
    )
    layers: Mapping[str, Mapping[str, int]] = option(
        "Foldings by hand: {layer = {pe = 16, simd = 8}}, dsp_pe for PEs in multipliers; a layer with weights is "
        "called as in the model or as in the plan; other layers as pe and simd say.",
        default={},
    )
    folding: str | None = option("FINN's folding JSON to be taken over.", default=None, file=True)
