# SPDX-License-Identifier: Apache-2.0
"""Options of the step ``fold``."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate.options import option


@frozen(kw_only=True)
class FoldOptions:
    """What a folding has to achieve.  Without any option: the most frames per second that the part allows."""

    board: str = option("Board whose part is the budget; drawplate doctor and parts.csv list them.", default="pynq-z2")
    ceiling: float = option("Part of each resource that may be used.", default=0.85, above=0, at_most=1)
    clock_mhz: float = option("Clock that frames per second are meant at.", default=100.0, above=0, unit="MHz")
    target_fps: float | None = option(
        "Meet this rate with the least area, instead of the highest rate.", default=None, above=0, unit="FPS"
    )
    lut: int | None = option("LUTs that may be used, instead of the part's.", default=None, at_least=0)
    ff: int | None = option("Flip-flops that may be used, instead of the part's.", default=None, at_least=0)
    bram18: int | None = option("RAMB18 that may be used, instead of the part's.", default=None, at_least=0)
    dsp: int | None = option("DSP48E1 that may be used, instead of the part's.", default=None, at_least=0)
    pe: int | None = option(
        "With simd: one folding for all layers, as far as it divides them.", default=None, at_least=1
    )
    simd: int | None = option(
        "With pe: one folding for all layers, as far as it divides them.", default=None, at_least=1
    )
    layers: Mapping[str, Mapping[str, int]] = option(
        "Foldings by hand: {layer = {pe = 16, simd = 8}}, dsp_pe for PEs in DSP48E1; other layers as pe and simd say.",
        default={},
    )
    folding: str | None = option("FINN's folding JSON to be taken over.", default=None, file=True)
