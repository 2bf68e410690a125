# SPDX-License-Identifier: Apache-2.0
"""Write ``paper.md`` and its figures from results: ``python docs/generate_paper.py STORE... [-o PAGE]``.

A section says what the paper reports and what was found; where a store has no record for it, how to make one.
"""

from __future__ import annotations

import math
import statistics
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from drawplate.report.charts import Chart
from drawplate.report.charts.front import search_charts
from drawplate.report.charts.heat import heat_map
from drawplate.report.charts.radar import radar
from drawplate.report.charts.rates import Rate, rate_chart
from drawplate.report.charts.surface import surface
from drawplate.report.figures import format_number
from drawplate.report.gather import rates_of
from drawplate.report.pictures import write_pictures
from drawplate.report.read import read_run
from drawplate.report.rows import as_markdown
from drawplate.report.searches import search_of
from drawplate.report.sweeps import Plane, baseline_of, planes, points
from drawplate.store import Store
from drawplate_quant_finn.paper import quantize_weights

HERE = Path(__file__).parent
VALUES = tomllib.loads((HERE / "paper_values.toml").read_text(encoding="utf-8"))
Z7020 = {"lut": 53_200, "ff": 106_400, "bram18": 280}
Record = Mapping[str, Any]


@frozen(kw_only=True)
class Section:
    """One table or figure of the paper."""

    title: str
    text: str
    charts: tuple[Chart, ...] = ()


def table_1(_records: Sequence[Record]) -> Section:
    rows = []
    equal = 0
    for value, expected in VALUES["table_1"].items():
        found = [float(quantize_weights([float(value)], bits)[0]) for bits in range(1, 9)]
        equal += sum(a == b for a, b in zip(found, expected, strict=True))
        rows.append([value, *(f"{a:.8g}" for a in found)])
    table = as_markdown(["value", *(f"n = {bits}" for bits in range(1, 9))], rows)
    return Section(title="Table 1: Eq. 1 in numbers", text=f"{equal} of 40 values are the paper's.\n\n{table}")


def figure_3(records: Sequence[Record]) -> Section:
    found = _sweep(records, "epochs-mnist")
    plane = _planes(found)["ort.error"]
    header = [plane.row_name.rpartition(".")[2], *(f"{epochs} epochs" for epochs in plane.columns)]
    rows = [
        [f"W{bits}", *("" if value is None else f"{value:.2f} %" for value in row)]
        for bits, row in zip(plane.rows, plane.values, strict=True)
    ]
    last = {bits: row[-1] for bits, row in zip(plane.rows, plane.values, strict=True) if row[-1] is not None}
    worst = max(last, key=lambda bits: last[bits])
    spread = max(last.values()) - sorted(last.values())[-2]
    text = (
        f"The paper: {VALUES['figure_3']['words']}.\n\nTest error on MNIST, activations of 4 bits, one seed:\n\n"
        f"{as_markdown(header, rows)}\n"
        f"After the most epochs W{worst} is the worst, {spread:.2f} points behind the next."
    )
    return Section(title="Figure 3: error by weight bits and epochs", text=text)


def figure_4(records: Sequence[Record]) -> Section:
    record = _sweep(records, "precisions-")
    found = _planes(record)
    lines = ["| figure | the paper: grows with | share of variance: weights | activations |", "|---|---|---|---|"]
    drawn = [found[name] for name in ("ort.error", "z7020.lut", "z7020.ff", "z7020.bram18") if name in found]
    for plane in drawn:
        word = VALUES["figure_4"].get(plane.metric.rpartition(".")[2], "")
        weights, acts = shares(plane)
        lines.append(f"| {plane.metric} ({plane.source}) | {word} | {weights:.2f} | {acts:.2f} |")
    text = (
        f"MNIST, {_epochs(record)}. Shares of the variance of the logarithm over the whole grid (two factors). "
        "[Why](z7020.md#the-papers-64-precisions) the trends are not quite the paper's; with synthesised figures.\n\n"
        + "\n".join(lines)
    )
    return Section(title="Figure 4: what precision costs", text=text, charts=tuple(heat_map(plane) for plane in drawn))


def table_3(records: Sequence[Record]) -> Section:
    record = _sweep(records, "precisions-")
    found = points(record)
    rows = []
    for name, full in (("error", "ort.error"), ("bram18", "z7020.bram18"), ("ff", "z7020.ff"), ("lut", "z7020.lut")):
        values = [value for point in found if (value := point.mean(full)) is not None]
        worst, best = VALUES["table_3"][name]
        rows.append([name, *map(format_number, (worst, best, max(values), min(values)))])
    fitting = [point for point in found if all((point.mean(f"z7020.{n}") or 0) <= most for n, most in Z7020.items())]
    text = (
        f"Of {len(found)} networks (the paper: 64), {_epochs(record)}, "
        "PE = SIMD = 8, resources estimated by the cost model.\n\n"
        + as_markdown(["", "paper: worst", "best", "drawplate: worst", "best"], rows)
        + f"\n{len(fitting)} of {len(found)} fit the Z7020 (the paper: four)."
    )
    return Section(title="Table 3: worst and best of the networks", text=text)


def figure_5(records: Sequence[Record]) -> Section:
    chart = radar(points(_sweep(records, "precisions-")))
    text = "Scores from 0 (worst of the sweep) to 1 (best); the best networks of each metric."
    return Section(title="Figure 5: trade-offs", text=text, charts=(chart,) if chart else ())


def figure_6(records: Sequence[Record]) -> Section:
    record = _sweep(records, "throughput-")
    rows = []
    for point in points(record):
        bits, width = (str(value) for value in point.values.values())
        name = f"W{bits}A{bits}"
        fits = "yes" if point.mean("z7020.fits") else "no"
        rows.append(
            [
                name,
                width,
                f"{VALUES['figure_6']['top1'].get(name, ''):}",
                f"{point.mean('ort.top1'):.2f}",
                format_number(VALUES["figure_6"]["fps"].get(width, math.nan)),
                *(format_number(round(point.mean(f"z7020.{n}") or 0)) for n in ("fps", "lut", "bram18")),
                fits,
            ]
        )
    header = ["bits", "PE = SIMD", "paper: top-1", "top-1", "paper: FPS", "FPS", "LUT", "RAMB18", "fits"]
    text = (
        f"Fashion-MNIST, {_epochs(record)} (the paper: 40). The paper's rates are those of a 256 x 256 layer that "
        "binds, so the first layer is folded "
        "wider here (16 x 49); rates and resources are estimated, at 100 MHz.\n\n" + as_markdown(header, rows)
    )
    return Section(title="Figure 6: accuracy and speed of foldings", text=text, charts=(_foldings(record),))


def _foldings(record: Record) -> Chart:
    """The paper's points and ours."""
    paper = VALUES["figure_6"]
    theirs = [
        Rate(group="the paper", label=f"{bits}, PE = SIMD = {width}", fps=fps, top1=top1, source="measured")
        for bits, top1 in paper["top1"].items()
        for width, fps in paper["fps"].items()
        if (bits, width) != ("W4A4", "16")  # did not fit
    ]
    ours = [
        Rate(
            group=f"W{bits}A{bits}",
            label=f"PE = SIMD = {width}",
            fps=point.mean("z7020.fps") or math.nan,
            top1=point.mean("ort.top1") or math.nan,
            source=point.metrics["z7020.fps"][0]["source"],
        )
        for point in points(record)
        for bits, width in [point.values.values()]
    ]
    return rate_chart([*theirs, *ours], "figure-6", "foldings")


def figure_7(records: Sequence[Record]) -> Section:
    record = _sweep(records, "kd-")
    found = points(record)
    plane = _planes(record)["ort-distilled.error"]
    mean, spread = baseline_of(found, plane.metric) or (math.nan, 0.0)
    errors = [(point.mean(plane.metric) or math.inf, point.label) for point in found]
    noise = statistics.fmean(point.spread(plane.metric) for point in found)
    better = sum(error < mean for error, _ in errors)
    text = (
        f"A small FlexStudent with and without a teacher, {plane.repeats} seeds, on part of Fashion-MNIST: undistilled "
        f"{mean:.2f} ± {spread:.2f} % error; {better} of {len(errors)} settings are below it, "
        f"the best {min(errors)[0]:.2f} % ({min(errors)[1]}), the worst {max(errors)[0]:.2f} % ({max(errors)[1]}). "
        f"The spread over seeds is {noise:.2f} points on average: smaller differences say nothing."
    )
    return Section(title="Figure 7: alpha and temperature", text=text, charts=(surface(plane, mean, spread),))


def figure_8(records: Sequence[Record]) -> Section:
    for record in records:
        for step in record.get("steps", ()):
            search = search_of(step["outcomes"][step["chosen"]].get("tables", {}))
            if search:
                charts = tuple(search_charts("figure-8", search))
                text = f"The paper: {VALUES['figure_8']['words']}.\n\nFrom `{record['file']}`, {charts[0].caption}."
                return Section(title="Figure 8: evolution", text=text, charts=charts)
    raise LookupError("nemokd-")


def figure_9(records: Sequence[Record]) -> Section:
    cells = {cell["run"] for record in records for cell in record.get("cells", ())}
    rates = [rate for record in records if record["id"] not in cells for rate in rates_of(record)]
    if len({rate.group for rate in rates}) < 2:
        raise LookupError("precisions- and nemokd-")
    chart = rate_chart(rates, "figure-9", "all approaches")
    text = "Quantized networks on the FPGA and evolved ones on the Myriad X; data sets differ, as the names say."
    return Section(title="Figure 9: all approaches", text=text, charts=(chart,))


def shares(plane: Plane) -> tuple[float, float]:
    """Return the share of the variance of the logarithm that rows and columns explain."""
    logs = [[math.log(value) for value in row if value] for row in plane.values]
    if any(len(row) != len(plane.columns) for row in logs):
        return math.nan, math.nan
    mean = statistics.fmean(value for row in logs for value in row)
    whole = sum((value - mean) ** 2 for row in logs for value in row)
    rows = sum((statistics.fmean(row) - mean) ** 2 for row in logs) * len(plane.columns)
    columns = sum((statistics.fmean(column) - mean) ** 2 for column in zip(*logs, strict=True)) * len(plane.rows)
    return rows / whole, columns / whole


def _sweep(records: Sequence[Record], stem: str) -> Record:
    """Return the sweep of a flow with the most cells."""
    found = [record for record in records if "cells" in record and record["file"].startswith(stem)]
    if not found:
        raise LookupError(stem)
    return max(found, key=lambda record: len(record["cells"]))


def _epochs(record: Record) -> str:
    """Say how long the networks were trained."""
    found = [step["epochs"] for step in record["flow"]["step"] if step["use"] == "fit"]
    return f"{found[0]} epochs" if found else "no training"


def _planes(record: Record) -> dict[str, Plane]:
    return {plane.metric: plane for plane in planes(record)}


SECTIONS: Sequence[Callable[[Sequence[Record]], Section]] = (
    table_1,
    figure_3,
    figure_4,
    table_3,
    figure_5,
    figure_6,
    figure_7,
    figure_8,
    figure_9,
)


def write(stores: Sequence[Path], page: Path) -> None:
    """Write the page and its figures."""
    folders = [path.parent for store in stores for path in (Store(store).root / "runs").glob("*/run.json")]
    records = [read_run(folder) for folder in sorted(folders)]
    records = [record for record in records if record.get("status") == "done"]
    pictures = page.with_suffix("")
    lines = ["# The paper's tables and figures", "", *_preface()]
    for make in SECTIONS:
        try:
            section = make(records)
        except LookupError as error:
            name = make.__name__.replace("_", " ").capitalize()
            lines += ["", f"## {name}", "", f"Not run yet: `{error}*.toml`."]
            continue
        lines += ["", f"## {section.title}", "", section.text.rstrip()]
        for path, chart in zip(write_pictures(section.charts, pictures, "svg"), section.charts, strict=True):
            lines += ["", f"![{chart.title}: {chart.caption}]({pictures.name}/{path.name})"]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _preface() -> Iterator[str]:
    yield (
        "R. Stewart et al., Electronics 2021, 10, 396, beside what drawplate finds. This page is written by "
        "`docs/generate_paper.py` from the results of `make paper` (hours) or `make paper-quick` (minutes); the "
        "paper's values are in `docs/paper_values.toml`."
    )


if __name__ == "__main__":
    words = sys.argv[1:]
    target = Path(words.pop(words.index("-o") + 1)) if "-o" in words else HERE / "paper.md"
    write([Path(word) for word in words if word != "-o"], target)
