# SPDX-License-Identifier: Apache-2.0
"""Figures 7 and 8: distilled and evolved students."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from drawplate.report.charts.front import search_charts
from drawplate.report.charts.surface import surface
from drawplate.report.searches import search_of
from drawplate.report.sweeps import baseline_of, points
from paper_sections.section import VALUES, Record, Section, epochs_of, plane_of, sweep_of

SWEEP, SEARCH = "kd-flexstudent-small", "nemokd-myriadx"


def figure_7(records: Sequence[Record]) -> Section:
    record = sweep_of(records, SWEEP)
    found = points(record)
    plane = plane_of(record, "ort-distilled.error")
    mean, spread = baseline_of(found, plane.metric) or (math.nan, 0.0)
    errors = [(point.mean(plane.metric) or math.inf, point.label) for point in found]
    noise = statistics.fmean(point.spread(plane.metric) for point in found)
    better = sum(error < mean for error, _ in errors)
    gap = abs(mean - min(errors)[0])
    data = record["flow"]["data"]
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
        for step in record.get("steps", ()) if record["file"].startswith(SEARCH) else ():
            search = search_of(step["outcomes"][step["chosen"]].get("tables", {}))
            if search:
                charts = tuple(search_charts("figure-8", search))
                text = (
                    f"The paper: {VALUES['figure_8']['words']}.\n\nFrom `{record['file']}`, "
                    f"{record['flow']['data']['name']}: {charts[0].caption}."
                )
                return Section(title="Figure 8: evolution", text=text, charts=charts)
    raise LookupError(SEARCH)
