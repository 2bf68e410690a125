# SPDX-License-Identifier: Apache-2.0
"""Write ``evidence/paper.md`` and its figures.

``python docs/generate_paper.py`` makes the page from the results in ``benchmarks/results/paper/``.  Given stores, it
makes the page from their results; with ``--keep`` it puts these in place of the kept ones first.  A section says what
the paper reports and what was found; where there is no record for it, which flow makes one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from paper_sections import epochs, quantizers, records, resources, speeds, students
from paper_sections.section import DOCS, Section

from drawplate.report.charts import Chart
from drawplate.report.pictures import write_pictures
from drawplate.report.record import Record, Sweep

SECTIONS: Sequence[Callable[[Sequence[Record]], Section]] = (
    quantizers.table_1,
    quantizers.figure_2,
    epochs.figure_3,
    resources.figure_4,
    resources.table_3,
    resources.figure_5,
    speeds.figure_6,
    students.figure_7,
    students.figure_8,
    students.figure_8_benchmarks,
    speeds.figure_9,
)
PREFACE = (
    "R. Stewart et al., Electronics 2021, 10, 396, beside what drawplate finds. `python docs/generate_paper.py` writes "
    "this page from `benchmarks/results/`; `make paper` (hours) makes such results anew, `make paper-quick` (minutes) "
    "smaller ones and a page of their own. The paper's values are in `docs/paper_values.toml`."
)


def page(found: Sequence[Record], pictures: str) -> tuple[str, list[Chart]]:
    """Return the page and its figures, which are to be written into the folder ``pictures`` beside it."""
    lines = ["# The paper's tables and figures", "", PREFACE]
    charts: list[Chart] = []
    for make in SECTIONS:
        try:
            section = make(found)
        except LookupError as error:
            name = make.__name__.replace("_", " ").capitalize()
            lines += ["", f"## {name}", "", f"Not run yet: `{error.args[0]}*.toml`."]
            continue
        lines += ["", f"## {section.title}", "", section.text.rstrip()]
        for chart in section.charts:
            lines += ["", f"![{chart.title}: {chart.caption}]({pictures}/{chart.name}.svg)"]
        charts += section.charts
    return "\n".join([*lines, "", *_made_by(found)]) + "\n", charts


def _made_by(found: Sequence[Record]) -> list[str]:
    """Say which results the page shows."""
    lines = ["## Results", "", "| flow | over | networks or candidates |", "|---|---|---|"]
    for record in found:
        axes = ", ".join(
            f"{axis.target} = {_span(axis.values)}" for axis in (record.axes if isinstance(record, Sweep) else ())
        )
        count = len(record.cells) if isinstance(record, Sweep) else records.candidates_of(record)
        lines.append(f"| `{record.file}` | {axes} | {count} |")
    return lines


def _span(values: Sequence[int | float | str]) -> str:
    """Write values as the command line takes them."""
    whole = all(isinstance(value, int) for value in values) and len(values) > 2
    run = whole and list(values) == [*range(int(values[0]), int(values[0]) + len(values))]
    return f"{values[0]}..{values[-1]}" if run else ",".join(map(str, values))


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the page about the paper.")
    parser.add_argument("stores", nargs="*", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=DOCS / "evidence" / "paper.md")
    parser.add_argument("--keep", action="store_true", help="put the stores' results into benchmarks/results/paper/")
    words = parser.parse_args()
    found = records.from_stores(words.stores)
    if words.keep:
        records.keep(found)
    if words.keep or not words.stores:
        found = records.kept()
    text, charts = page(found, words.output.stem)
    words.output.write_text(text, encoding="utf-8")
    written = write_pictures(charts, words.output.with_suffix(""), "svg")
    for path in words.output.with_suffix("").glob("*.svg"):
        if path not in written:
            path.unlink()  # of an earlier page


if __name__ == "__main__":
    main()
