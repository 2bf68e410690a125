# SPDX-License-Identifier: Apache-2.0
"""Figures 7 and 8: distilled and evolved students."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from attrs import evolve

from drawplate.metric import Metric
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
ALONE = "alone"
"""Name of the step that tunes the baseline's own training, without a teacher."""


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
        step = next((step for step in record.steps if step.use == "evolve"), None) if record else None
        search = search_of(step.outcome.tables) if step else None
        if record is None or search is None:
            texts.append(f"### {title}\n\nNot run yet: `flows/paper/{stem}.toml`.")
            continue
        front = next(search_charts(f"figure-8-{title[0]}", search))
        charts.append(front)
        texts.append(f"### {title}\n\n{_scale(record)} {front.caption}.\n\n{_students(search, _alone(record))}")
    if not charts:
        raise LookupError(next(iter(BENCHMARKS)))
    text = (
        "Phase 2 of the paper's three benchmarks with teachers of its kinds, far below its scale: 30 epochs of "
        "50,000 images for every candidate are hundreds of hours on two cores.  Errors are those on 2,000 validation "
        "images, of one seed.\n\n" + "\n\n".join(texts)
    )
    return Section(title="Figure 8 a, b, c: the paper's benchmarks, small", text=text, charts=tuple(charts))


def _scale(record: Run) -> str:
    """Say how long candidates were trained."""
    searched = next(step for step in record.flow["step"] if step["use"] == "evolve")
    distill = next(step for step in searched["candidate"] if step["use"] == "distill")
    return f"{distill['epochs']} epochs of {distill['images']:,} images for each."


def _alone(record: Run) -> Metric | None:
    """Return the validation error of the baseline that was trained without a teacher."""
    found = [metric for step in record.steps if step.name == ALONE for metric in step.outcome.metrics]
    top1 = next((metric for metric in found if metric.name == "val_top1"), None)
    return evolve(top1, name="error", value=100 - top1.value) if top1 else None


def _students(search: Search, alone: Search | Metric | None) -> str:
    """Return the front and the baseline as a table, and the baseline without a teacher where it was trained."""
    rows = [row for row in search.candidates if row.front or row.baseline]
    genes = tuple(dict.fromkeys(gene for row in rows for gene in row.genome))
    baseline = next(row for row in rows if row.baseline)
    found = [
        (row.genome, row.metrics, "baseline, distilled" if row.baseline else "chosen" if row.chosen else "")
        for row in sorted(rows, key=lambda row: row.metrics[search.objectives[0]].value)
    ]
    if alone is not None:
        tuned = isinstance(alone, Search)
        best = next(row for row in alone.candidates if row.chosen).metrics if tuned else {"error": alone}
        found.insert(0, (baseline.genome, {**baseline.metrics, **best}, "baseline, without a teacher"))
    lines = [(*genes, *search.objectives, ""), ("---",) * (len(genes) + len(search.objectives) + 1)]
    for genome, metrics, said in found:
        figures = (format_metric(metrics[name]) for name in search.objectives)
        lines.append((*(format_value(genome[gene]) for gene in genes), *figures, said))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
