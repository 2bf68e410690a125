# SPDX-License-Identifier: Apache-2.0
"""Figures 6 and 9: accuracy and speed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from attrs import evolve

from drawplate.report.charts import Chart
from drawplate.report.charts.rates import Rate, rate_chart
from drawplate.report.figures import format_number
from drawplate.report.gather import rates_of
from drawplate.report.record import Record, Sweep
from drawplate.report.rows import as_markdown
from drawplate.report.sweeps import points
from paper_sections.section import VALUES, Section, epochs_of, sweep_of

FLOW = "throughput-fashion-mnist"
PAPER = VALUES["figure_6"]


def figure_6(records: Sequence[Record]) -> Section:
    record = sweep_of(records, FLOW)
    rows = []
    for point in points(record):
        bits, width = (str(value) for value in point.values.values())
        name = f"W{bits}A{bits}"
        rows.append(
            [
                name,
                width,
                f"{PAPER['top1'].get(name, '')}",
                f"{point.mean('ort.top1'):.2f}",
                format_number(PAPER["fps"].get(width, math.nan)),
                *(format_number(round(point.mean(f"z7020.{n}") or 0)) for n in ("fps", "lut", "bram18")),
                "yes" if point.mean("z7020.fits") else "no",
            ]
        )
    header = ["bits", "PE = SIMD", "paper: top-1", "top-1", "paper: FPS", "FPS", "LUT", "RAMB18", "fits"]
    text = (
        f"Fashion-MNIST, {epochs_of(record)} (the paper: 40), 256 neurons. The paper's rates are those of a 256 x 256 "
        "layer that binds, so the first layer is folded wider here (16 x 49); rates and resources are "
        "estimated, not placed, at 100 MHz. "
        "[What of it was synthesised and simulated](../steps/z7020.md#trained-perceptrons).\n\n"
        + as_markdown(header, rows)
        + "\nIn the paper W4A4 with PE = SIMD = 16 does not fit."
    )
    return Section(title="Figure 6: accuracy and speed of foldings", text=text, charts=(_foldings(record),))


def _foldings(record: Sweep) -> Chart:
    """The paper's points and ours."""
    theirs = [
        Rate(group="the paper", label=f"{bits}, PE = SIMD = {width}", fps=fps, top1=top1, source="measured")
        for bits, top1 in PAPER["top1"].items()
        for width, fps in PAPER["fps"].items()
        if (bits, width) != ("W4A4", "16")  # did not fit
    ]
    ours = [
        Rate(
            group=f"W{bits}A{bits}",
            label=f"PE = SIMD = {width}",
            fps=point.mean("z7020.fps") or math.nan,
            top1=point.mean("ort.top1") or math.nan,
            source=point.metrics["z7020.fps"][0].source,
        )
        for point in points(record)
        for bits, width in [point.values.values()]
    ]
    return rate_chart([*theirs, *ours], "figure-6", "foldings")


def figure_9(records: Sequence[Record]) -> Section:
    rates = [rate for record in records for rate in _named(record)]
    if len({rate.group for rate in rates}) < 2:
        raise LookupError(FLOW)
    chart = rate_chart(rates, "figure-9", "all approaches")
    text = (
        "Quantized networks on the FPGA and evolved ones on the Myriad X, by flow; data sets differ, as the names say. "
        "All rates are estimated here; the paper's were measured on its boards."
    )
    return Section(title="Figure 9: all approaches", text=text, charts=(chart,))


def _named(record: Record) -> Iterator[Rate]:
    """Group a record's networks by its flow: ids say nothing to a reader."""
    for rate in rates_of(record):
        yield evolve(rate, group=record.file.removesuffix(".toml"))
