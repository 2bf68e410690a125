# SPDX-License-Identifier: Apache-2.0
"""Figures 7 and 8: distilled and evolved students."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from drawplate.report.charts import Chart
from drawplate.report.charts.front import search_charts
from drawplate.report.charts.surface import surface
from drawplate.report.figures import format_metric, format_value
from drawplate.report.record import Record, Run, Sweep
from drawplate.report.searches import Search, search_of
from drawplate.report.sweeps import baseline_of, points
from paper_sections.section import VALUES, Section, epochs_of, plane_of, sweep_of

SWEEP, SEARCH = "kd-flexstudent-small", "nemokd-myriadx"
BENCHMARKS = {
    "nemokd-flexstudent-cifar10": "a: FlexStudent from MobileNetV2, CIFAR-10",
    "nemokd-flexstudent-cifar100": "b: FlexStudent from ResNet32x4, CIFAR-100",
    "nemokd-resnet8x4-cifar100": "c: ResNet8x4 from ResNet32x4, CIFAR-100",
}
"""The paper's three, as flows."""
SEARCHES = (SEARCH, *BENCHMARKS)
TEACHER, ALONE, PHASE_1, EVOLVE = "teacher-fit", "alone", "phase1", "evolve"
"""Names of steps: the teacher's training, the baseline's own without a teacher, the grid of Figure 7, the search."""


def figure_7(records: Sequence[Record]) -> Section:
    record = sweep_of(records, SWEEP)
    found = points(record)
    plane = plane_of(record, "ort-distilled.error")
    mean, spread = baseline_of(found, plane.metric) or (math.nan, 0.0)
    errors = [(point.mean(plane.metric) or math.inf, point.label) for point in found]
    noise = statistics.fmean(point.spread(plane.metric) for point in found)
    better = sum(error < mean for error, _ in errors)
    gap = abs(mean - min(errors)[0])
    data = record.flow["data"]
    text = (
        f"A small FlexStudent with and without a teacher, {plane.repeats} seeds, {epochs_of(record)}, "
        f"{data['limit']:,} images of {data['name']}: undistilled "
        f"{mean:.2f} ± {spread:.2f} % error; {better} of {len(errors)} settings are below it, "
        f"the best {min(errors)[0]:.2f} % ({min(errors)[1]}), the worst {max(errors)[0]:.2f} % ({max(errors)[1]}). "
        f"The standard deviation over seeds is {noise:.2f} points on average: the best setting's distance of {gap:.2f} "
        f"{'is more than' if gap > noise else 'is within'} it."
    )
    return Section(title="Figure 7: alpha and temperature", text=text, charts=(surface(plane, mean, spread),))


def figure_8(records: Sequence[Record]) -> Section:
    for record in records:
        if isinstance(record, Sweep) or not record.file.startswith(SEARCH):
            continue
        found = [(step, search) for step in record.steps if (search := search_of(step.outcome.tables))]
        alone = next((search for step, search in found if step.name == ALONE), None)
        for search in (search for step, search in found if step.use == "evolve"):
            charts = tuple(search_charts("figure-8", search))
            text = (
                f"The paper: {VALUES['figure_8']['words']}.\n\nFrom `{record.file}`, "
                f"{record.flow['data']['name']}: {charts[0].caption}.\n\n{_students(search, alone)}"
            )
            return Section(title="Figure 8: evolution", text=text, charts=charts)
    raise LookupError(SEARCH)


def figure_8_benchmarks(records: Sequence[Record]) -> Section:
    texts: list[str] = []
    charts: list[Chart] = []
    for stem, title in BENCHMARKS.items():
        record = next((r for r in records if isinstance(r, Run) and r.file == f"{stem}.toml"), None)
        found = _searches(record) if record else {}
        if record is None or EVOLVE not in found:
            texts.append(f"### {title}\n\nNot run yet: `flows/paper/{stem}.toml`.")
            continue
        front = next(search_charts(f"figure-8-{title[0]}", found[EVOLVE]))
        charts.append(front)
        grid = _grid(found[PHASE_1], found.get(ALONE)) if PHASE_1 in found else ""
        students = f"Figure 8 {title[0]}: {front.caption}.\n\n{_students(found[EVOLVE], found.get(ALONE))}"
        texts.append("\n\n".join(text for text in (f"### {title}", _scale(record), grid, students) if text))
    if not charts:
        raise LookupError(next(iter(BENCHMARKS)))
    text = (
        "Both phases of the paper's three benchmarks, with its teachers and students, far below its scale: 30 epochs "
        "of 50,000 images for every candidate are hundreds of hours on two cores (`make paper-benchmarks`, some four "
        "hours).\n\n" + "\n\n".join(texts)
    )
    return Section(title="Figures 7 and 8 a, b, c: the paper's benchmarks, small", text=text, charts=tuple(charts))


def _searches(record: Run) -> dict[str, Search]:
    """Return the searches of a run by the names of their steps."""
    found = ((step.name, search_of(step.outcome.tables)) for step in record.steps)
    return {name: search for name, search in found if search is not None}


def _scale(record: Run) -> str:
    """Say how long the teacher and the candidates were trained, and on what they were judged."""
    flow = {step.get("name", step["use"]): step for step in record.flow["step"]}
    teacher, searched = flow[TEACHER], flow[EVOLVE]
    distill = next(step for step in searched["candidate"] if step["use"] == "distill")
    metrics = (metric for step in record.steps if step.name == TEACHER for metric in step.outcome.metrics)
    reached = next((metric for metric in metrics if metric.name == "val_top1"), None)
    right = f", {reached.value:.1f} % of the validation images right" if reached else ""
    ranges = ", ".join(f"{gene} {limits['lo']} to {limits['hi']}" for gene, limits in searched["genes"].items())
    return (
        f"The teacher: {_passes(teacher)}{right}. Every candidate: {_passes(distill)}, judged on "
        f"{record.flow['data']['val']:,} validation images; the front and the baselines: median and deviation of "
        f"{searched['repeats']} seeds. Genes: {ranges}."
    )


def _passes(options: Mapping[str, Any]) -> str:
    epochs = options["epochs"]
    return f"{epochs} epoch{'s' if epochs > 1 else ''} of {options['images']:,} images"


def _grid(grid: Search, alone: Search | None) -> str:
    """Return Figure 7 of a benchmark: the errors over alpha and temperature, against the plane without a teacher."""
    errors = {tuple(row.genome.values()): row.metrics["error"] for row in grid.candidates}
    alphas, temperatures = (sorted({key[at] for key in errors}) for at in (0, 1))
    head = ("alpha", *(f"temperature {value:g}" for value in temperatures))
    lines = [head, ("---",) * len(head)]
    for alpha in alphas:
        found = (errors.get((alpha, value)) for value in temperatures)
        lines.append((f"{alpha:g}", *(format_metric(metric) if metric else "" for metric in found)))
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    plane = next((row.metrics["error"] for row in alone.candidates if row.chosen), None) if alone else None
    said = ""
    if plane is not None:
        below = sum(metric.value < plane.value for metric in errors.values())
        said = f"; {below} of {len(errors)} are below the plane without a teacher, {format_metric(plane)}"
    return f"Figure 7, error of the student by the teacher's weight and temperature, one seed{said}:\n\n{table}"


def _students(search: Search, alone: Search | None) -> str:
    """Return the front and the baseline as a table, and the baseline without a teacher where it was trained."""
    rows = [row for row in search.candidates if row.front or row.baseline]
    genes = tuple(dict.fromkeys(gene for row in rows for gene in row.genome))
    baseline = next(row for row in rows if row.baseline)
    found = [
        (row.genome, row.metrics, "baseline, distilled" if row.baseline else "chosen" if row.chosen else "")
        for row in sorted(rows, key=lambda row: row.metrics[search.objectives[0]].value)
    ]
    if alone is not None:
        best = next(row for row in alone.candidates if row.chosen).metrics
        found.insert(0, (baseline.genome, {**baseline.metrics, **best}, "baseline, without a teacher"))
    lines = [(*genes, *search.objectives, ""), ("---",) * (len(genes) + len(search.objectives) + 1)]
    for genome, metrics, said in found:
        figures = (format_metric(metrics[name]) for name in search.objectives)
        lines.append((*(format_value(genome[gene]) for gene in genes), *figures, said))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
