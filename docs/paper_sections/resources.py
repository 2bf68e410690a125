# SPDX-License-Identifier: Apache-2.0
"""Figure 4, Table 3 and Figure 5: what precision costs."""

from __future__ import annotations

import csv
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from drawplate.report.charts.heat import heat_map
from drawplate.report.charts.radar import radar
from drawplate.report.figures import format_number
from drawplate.report.record import Record
from drawplate.report.rows import as_markdown
from drawplate.report.sweeps import Plane, points
from paper_sections.epochs import FLOW
from paper_sections.section import RESULTS, VALUES, Z7020, Section, epochs_of, network_of, plane_of, sweep_of

BITS = tuple(range(1, 9))
UNITS = {"lut": "LUT", "ff": "FF", "bram18": "RAMB18"}
NETWORK = "784-256-256-256-10, 8-bit pixels, hidden layers with PE = SIMD = 8"
Table = Mapping[tuple[int, int], Mapping[str, int]]
"""Resources by weight and activation bits."""


def table_of(source: str, *, pixels: int | None = 8) -> Table:
    """Read a table of the 256-neuron network.

    Args:
        source: ``estimated`` or ``synthesised``.
        pixels: bits per pixel; None for as many as an activation has.
    """
    with (RESULTS / "z7020_precisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == source]
    return {
        (int(row["weight_bits"]), int(row["act_bits"])): {name: int(row[name]) for name in UNITS}
        for row in rows
        if int(row["pixel_bits"]) == (pixels or int(row["act_bits"]))
    }


def figure_4(records: Sequence[Record]) -> Section:
    record = sweep_of(records, FLOW)
    counted = table_of("synthesised")
    header = ["", *(f"{unit}: {word}" for unit in UNITS.values() for word in ("estimated", "synthesised"))]
    text = (
        f"Resources of {NETWORK}: the maps show the cost model's estimates, the tables what synthesis counts too. The "
        f"errors are those of Figure 3's networks ({network_of(record)}) after {epochs_of(record)}.\n\n{_trends()}\n"
        "Factors between synthesised networks; shares of the variance of the logarithm over all 64, estimated. "
        "[Why](../steps/z7020.md#the-papers-64-precisions) the trends are not quite the paper's.\n\n"
        f"The {len(counted)} networks that were synthesised, beside the estimates:\n\n"
        f"{as_markdown(header, _beside(counted))}"
    )
    charts = [heat_map(plane_of(record, "ort.error")), *(heat_map(_plane(name)) for name in UNITS)]
    return Section(title="Figure 4: what precision costs", text=text, charts=tuple(charts))


def _beside(counted: Table) -> Iterator[list[str]]:
    estimates = table_of("estimated")
    for (weights, acts), found in sorted(counted.items()):
        pairs = ((estimates[weights, acts][name], found[name]) for name in UNITS)
        yield [f"W{weights}A{acts}", *(format_number(value) for pair in pairs for value in pair)]


def _trends() -> str:
    counted, same = table_of("synthesised"), table_of("estimated", pixels=None)
    rows = []
    for name, unit in UNITS.items():
        by_weights, by_acts = (counted[pair][name] / counted[1, 1][name] for pair in ((8, 1), (1, 8)))
        weights, acts = shares(_grid(table_of("estimated"), name))
        small, tall = shares(_grid(same, name))
        rows.append(
            [
                unit,
                VALUES["figure_4"][name],
                f"{by_weights:.1f}",
                f"{by_acts:.1f}",
                f"{weights:.2f} : {acts:.2f} ({_word(name, weights, acts)})",
                f"{small:.2f} : {tall:.2f} ({_word(name, small, tall)})",
            ]
        )
    header = ["", "the paper: grows with", "W1A1 to W8A1: times", "W1A1 to W1A8: times"]
    return as_markdown([*header, "weights : activations, 8-bit pixels", "pixels as wide as activations"], rows)


def _word(name: str, weights: float, acts: float) -> str:
    """Say whether a trend of the paper shows in two shares: both at least a third; activations above; weights only."""
    holds = {"lut": min(weights, acts) > 1 / 3, "ff": acts > weights, "bram18": acts < 0.1}[name]
    return "holds" if holds else "does not hold"


def _grid(table: Table, name: str) -> list[list[float]]:
    return [[table[weights, acts][name] for acts in BITS] for weights in BITS]


def _plane(name: str) -> Plane:
    grid = _grid(table_of("estimated"), name)
    return Plane(
        metric=name,
        unit=UNITS[name],
        source="estimated",
        row_name="weight bits",
        column_name="activation bits",
        rows=BITS,
        columns=BITS,
        values=tuple(map(tuple, grid)),
        spreads=tuple((0.0,) * len(BITS) for _ in BITS),
        repeats=1,
    )


def shares(grid: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the share of the variance of the logarithm that rows and columns explain."""
    logs = [[math.log(value) for value in row] for row in grid]
    mean = statistics.fmean(value for row in logs for value in row)
    whole = sum((value - mean) ** 2 for row in logs for value in row)
    rows = sum((statistics.fmean(row) - mean) ** 2 for row in logs) * len(logs[0])
    columns = sum((statistics.fmean(column) - mean) ** 2 for column in zip(*logs, strict=True)) * len(logs)
    return rows / whole, columns / whole


def table_3(records: Sequence[Record]) -> Section:
    record = sweep_of(records, FLOW)
    errors = [value for row in plane_of(record, "ort.error").values for value in row if value is not None]
    table = table_of("estimated")
    found = {"error": errors} | {name: [taken[name] for taken in table.values()] for name in UNITS}
    rows = []
    for name, values in found.items():
        worst, best = VALUES["table_3"][name]
        label = "error, %" if name == "error" else UNITS[name]
        rows.append([label, *map(_short, (worst, best, max(values), min(values)))])
    within = {name: sum(taken[name] <= most for taken in table.values()) for name, most in Z7020.items()}
    whole = sum(all(taken[name] <= most for name, most in Z7020.items()) for taken in table.values())
    theirs = VALUES["table_3"]["meets"]
    meets = [[f"{UNITS[n]} of {most:,}", str(theirs.get(n, "")), str(within[n])] for n, most in Z7020.items()]
    meets.append(["all three", str(theirs["all"]), str(whole)])
    text = (
        f"Resources of {len(table)} networks, {NETWORK}, estimated; errors of the {len(errors)} networks of Figure 3 "
        f"after {epochs_of(record)}.\n\n"
        + as_markdown(["", "paper: worst", "best", "drawplate: worst", "best"], rows)
        + "\nHow many keep within the Z7020:\n\n"
        + as_markdown(["", "the paper: of 64", f"drawplate: of {len(table)}"], meets)
    )
    return Section(title="Table 3: worst and best of the networks", text=text)


def _short(value: float) -> str:
    return f"{value:.2f}" if isinstance(value, float) else format_number(value)


def figure_5(records: Sequence[Record]) -> Section:
    record = sweep_of(records, FLOW)
    found = points(record)
    charts = []
    for number, labels in enumerate(VALUES["figure_5"]["charts"], 1):
        chart = radar(found, labels)
        if chart:
            charts.append(evolve(chart, name=f"figure-5-{number}", title=", ".join(t["name"] for t in chart.data)))
    text = (
        f"Scores from 0 (worst of the sweep) to 1 (best), for the networks that the paper shows; "
        f"{network_of(record)}, {epochs_of(record)}, resources estimated."
    )
    return Section(title="Figure 5: trade-offs", text=text, charts=tuple(charts))
