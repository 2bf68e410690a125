# SPDX-License-Identifier: Apache-2.0
"""The page about the paper shows the results that are kept, and says what they say."""

import csv
import itertools
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from drawplate.report.record import typed

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module", autouse=True)
def _scripts():
    sys.path.insert(0, str(DOCS))
    yield
    sys.path.remove(str(DOCS))


def sweep(error, epochs=(10, 100)):
    """A sweep over W1..4 and A1..2 whose errors follow a rule of weight bits, activation bits and epochs."""
    cells = []
    for weight in range(1, 5):
        for act in (1, 2):
            top1 = [[n, 100 - error(weight, act, n)] for n in epochs]
            figures = [{"name": "error", "value": 100 - top1[-1][1], "unit": "%", "source": "measured"}]
            taken = [
                {"name": name, "value": 10.0 * weight + act, "unit": "", "source": "estimated"}
                for name in ("lut", "ff", "bram18")
            ]
            cells.append(
                {
                    "values": [weight, act],
                    "error": None,
                    "metrics": {"ort": figures, "z7020": taken},
                    "curves": {"fit": {"test_top1": top1}},
                }
            )
    axes = [
        {"target": "quantize.weight_bits", "values": [1, 2, 3, 4]},
        {"target": "quantize.act_bits", "values": [1, 2]},
    ]
    flow = {"model": {"hidden": [64] * 3}, "step": [{"use": "fit", "epochs": epochs[-1]}]}
    return {
        "id": "s",
        "file": "epochs-mnist.toml",
        "flow": flow,
        "status": "done",
        "updated": "2026-01-01",
        "axes": axes,
        "cells": cells,
    }


def test_the_page_is_made_of_the_kept_results():
    from generate_paper import page
    from paper_sections.records import kept

    text, charts = page(kept(), "paper")
    assert (DOCS / "evidence" / "paper.md").read_text(encoding="utf-8") == text, "run python docs/generate_paper.py"
    assert {f"{chart.name}.svg" for chart in charts} == {path.name for path in (DOCS / "evidence" / "paper").glob("*")}


DEFAULTS = {"teacher-fit.milestones": [], "evolve.schedule": "asynchronous"}
"""What the flows of the benchmarks say otherwise, and the records leave out."""


def test_make_paper_runs_what_the_page_shows():
    """The sweeps and runs of the Makefile are those that are kept, flow by flow, option by option."""
    from paper_sections.records import kept
    from paper_sections.students import BENCHMARKS

    from drawplate.flow.override import apply_overrides, read_settings
    from drawplate.flow.sweep import read_axes

    targets = ["make", "-n", "--no-print-directory", "paper", "paper-benchmarks"]
    said = subprocess.run(targets, cwd=DOCS.parent, capture_output=True, text=True, check=True).stdout.splitlines()
    asked = {}
    for command in said:
        words = shlex.split(command)
        if words[0].endswith("/drawplate"):
            flow = next(word for word in words if word.endswith(".toml"))
            pairs = [*itertools.pairwise(words)]
            axes = read_axes([value for key, value in pairs if key == "--over"])
            asked[Path(flow).name] = (axes, read_settings(value for key, value in pairs if key == "--set"))
    assert said[-1].split()[1:] == ["docs/generate_paper.py", "--keep", ".drawplate"]
    assert set(asked) == {record.file for record in kept()} | {f"{stem}.toml" for stem in BENCHMARKS}
    for record in kept():
        axes, settings = asked[record.file]
        assert [(axis.target, list(axis.values)) for axis in axes] == [
            (axis.target, list(axis.values)) for axis in getattr(record, "axes", ())
        ]
        shown = {key: value for key, value in settings.items() if DEFAULTS.get(key) != value}
        assert apply_overrides(record.flow, shown, record.file) == record.flow


def test_every_error_that_is_kept_is_in_the_table():
    from paper_sections.epochs import FLOW, errors_of
    from paper_sections.records import kept
    from paper_sections.section import RESULTS, sweep_of

    errors = errors_of(sweep_of(kept(), FLOW))
    with (RESULTS / "paper_precisions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(int(row["weight_bits"]), int(row["act_bits"])) for row in rows} == set(errors)
    for row in rows:
        for epoch, error in errors[int(row["weight_bits"]), int(row["act_bits"])].items():
            assert float(row[f"error_percent_{epoch:g}_epochs"]) == pytest.approx(error, abs=0.005)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            lambda w, a, n: 2 - a / 10 + (w == 1) + 5 / n * (w == 2),
            "shape holds: W1 is always the worst, and W2 is close",
        ),
        (
            lambda w, a, n: 2 - a / 10 + (w == 1) + 0.5 * (w == 2),
            "whole: W1 is always the worst, and W2 is not",
        ),
        (
            lambda w, a, n: 2 - a / 10 + (w == 2) + 5 / n * (w == 1),
            "whole: W1 is not always the worst, and W2 is not",
        ),
    ],
)
def test_what_is_said_of_figure_3_follows_from_the_errors(error, words):
    from paper_sections.epochs import figure_3

    section = figure_3([typed(sweep(error))])
    assert words in section.text
    assert [trace["name"] for trace in section.charts[0].data] == ["W1", "W2", "W3", "W4"]
    assert section.charts[0].data[2]["y"] == pytest.approx([1.85, 1.85])
    assert "| W3 | 1.85 ± 0.07 | 1.85 ± 0.07 |" in section.text


def test_an_unfinished_sweep_is_not_shown():
    from paper_sections.epochs import figure_3

    with pytest.raises(LookupError, match="epochs-mnist"):
        figure_3([typed({**sweep(lambda w, a, n: 1.0), "status": "running"})])


def test_the_table_of_figure_3_holds_errors_and_estimates(tmp_path):
    from paper_sections.records import write_table

    write_table(tmp_path / "t.csv", [typed(sweep(lambda w, a, n: w + a / 10 + 10 / n))])
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[0] == (
        "weight_bits,act_bits,error_percent_10_epochs,error_percent_100_epochs,lut_estimated,ff_estimated,bram18_estimated"
    )
    assert lines[1:3] == ["1,1,2.10,1.20,11,11,11", "1,2,2.20,1.30,12,12,12"]


@pytest.mark.parametrize("name", ["lut", "ff", "bram18"])
def test_shares_of_variance_add_up_where_factors_multiply(name):
    from paper_sections.resources import shares, table_of

    weights, acts = shares([[2.0**w * 3.0**a for a in range(4)] for w in range(4)])
    assert weights + acts == pytest.approx(1)
    assert acts / weights == pytest.approx((1.584962500721156) ** 2)
    assert len(table_of("estimated")) == len(table_of("estimated", pixels=None)) == 64
    assert all(taken[name] > 0 for taken in table_of("synthesised").values())


def test_the_papers_own_figures_are_data():
    from paper_sections.quantizers import figure_2, table_1

    assert table_1([]).text.startswith("40 of 40")
    assert "15 with 4 bits; all lie within -1 and 1" in figure_2([]).text
