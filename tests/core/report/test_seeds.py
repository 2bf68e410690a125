# SPDX-License-Identifier: Apache-2.0
"""Sweeps gathered over seeds, as tables for papers and for programs."""

import copy
from statistics import fmean, stdev

import pytest
from records import kd_sweep, metric, run, step

from drawplate.errors import FlowError
from drawplate.report.compare import compared
from drawplate.report.latex import as_latex, escape
from drawplate.report.record import typed
from drawplate.report.rows import rows, short_rows
from drawplate.report.seeds import best, figure, names_of, summary_grid, tidy
from drawplate.report.summary import headlines
from drawplate.report.sweeps import points


@pytest.fixture
def sweep():
    """Over a learning rate and three seeds: one figure to be high, one to be low, one that nobody judges."""
    cells = []
    for lr, base in ((0.1, 90.0), (0.2, 95.0)):
        for seed in range(3):
            found = [
                metric("top1", base + seed, "%", split="test", direction="higher"),
                metric("lut", 1000 * lr, "LUT", source="estimated", direction="lower"),
                metric("odd", lr, ""),
            ]
            cells.append({"values": [lr, seed], "run": f"r{lr}{seed}", "metrics": {"ort": found}, "error": None})
    axes = [{"target": "fit.lr", "values": [0.1, 0.2]}, {"target": "seed", "values": [0, 1, 2]}]
    return {"id": "sweep-a", "file": "a.toml", "flow": {"step": [{"use": "fit"}]}, "axes": axes, "cells": cells,
            "status": "done", "started": "", "updated": ""}  # fmt: skip


def test_a_row_of_numbers_is_mean_spread_and_count(sweep):
    columns, body = tidy(typed(sweep), ["top1"])
    assert columns[:5] == ("fit.lr", "step", "metric", "mean", "spread")
    values = [95.0, 96.0, 97.0]
    assert body[1] == (0.2, "ort", "top1", fmean(values), stdev(values), 3, "%", "measured", "test", "higher")


def test_a_row_for_readers_has_the_spread_beside_the_mean(sweep):
    grid = summary_grid(typed(sweep), ["top1", "lut"])
    assert grid.columns == ("fit.lr", "ort.top1 (%)", "ort.lut (LUT est)") or grid.columns[2] == "ort.lut (est)"
    assert grid.rows == (("0.1", "91 ± 1", "100"), ("0.2", "96 ± 1", "200"))


def test_the_best_settings_are_those_of_the_better_direction(sweep):
    found = {one.metric: one.point.values["fit.lr"] for one in best(typed(sweep), ["top1", "lut", "odd"])}
    assert found == {"ort.top1": 0.2, "ort.lut": 0.1}


def test_lists_are_values_too(sweep):
    for cell in sweep["cells"]:
        cell["values"][0] = [8, 8] if cell["values"][0] == 0.1 else [16]
    sweep["axes"][0]["values"] = [[8, 8], [16]]
    assert [row[0] for row in summary_grid(typed(sweep), ["top1"]).rows] == ["[8, 8]", "[16]"]


def test_a_failed_run_is_no_figure(sweep):
    sweep["cells"][5] |= {"metrics": {}, "error": "no"}
    _, body = tidy(typed(sweep), ["top1"])
    assert [row[5] for row in body] == [3, 2]


def test_an_unknown_metric_names_the_nearest(sweep):
    for ask in (lambda: names_of(points(typed(sweep)), ["topp1"]), lambda: list(rows(typed(sweep), ["topp1"]))):
        with pytest.raises(FlowError, match=r"did you mean: (ort\.)?top1"):
            ask()


def test_sweeps_are_compared_by_setting(sweep):
    other = copy.deepcopy(sweep) | {"id": "sweep-b", "flow": {"step": [{"use": "fit", "epochs": 9}]}}
    for cell in other["cells"]:
        cell["metrics"]["ort"][0]["value"] += 1
    found = compared([typed(sweep), typed(other)], ["top1"])
    assert found.settings == [("fit.epochs", "", "9")]
    assert found.figures == [
        ("lr = 0.1 ort.top1 (%)", "91 ± 1", "92 ± 1"),
        ("lr = 0.2 ort.top1 (%)", "96 ± 1", "97 ± 1"),
    ]
    with pytest.raises(FlowError, match="no setting is in all"):
        compared([typed(sweep), typed(kd_sweep())])


def test_latex_prints_every_character():
    text = as_latex(("a_b", "±"), [("50 %", 1.5), ("x & {y}", -2)])
    assert text.splitlines()[0] == r"\begin{tabular}{lr}"
    assert r"a\_b & $\pm$ \\" in text
    assert r"50 \% & 1.5 \\" in text
    assert r"x \& \{y\} & -2 \\" in text
    assert escape("\\~^$#") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}\$\#"


def test_a_run_for_a_page_has_whole_models_only():
    record = run(step(1, "ort", metrics=[metric("lut", 1.0, layer="conv"), metric("top1", 90.0, "%")]))
    columns, body = short_rows(typed(record))
    assert [row[columns.index("metric")] for row in body] == ["top1"]
    assert "note" not in columns


def test_of_one_network_the_figure_on_the_most_images_leads():
    many = metric("top1", 97.0, "%", split="test", count=10_000)
    few = metric("top1", 100.0, "%", "simulated", split="test", count=100)
    lowered = step(3, "z7020", metrics=[few], form="dataflow") | {"verbs": ["export", "measure"]}
    measured = step(2, "ort", metrics=[many], form="qonnx") | {"verbs": ["measure"]}
    (leading,) = headlines(typed(run(measured, lowered)))
    assert (leading.metric.value, leading.step) == (97.0, "ort")
    retrained = step(3, "fit", form="qonnx")
    (leading,) = headlines(typed(run(measured, retrained, lowered | {"number": 4})))
    assert leading.metric.value == 100.0, "what was measured before training is of another network"


def test_validation_is_told_where_nothing_was_measured():
    val = metric("val_top1", 88.0, "%", split="val", count=500)
    assert [f.metric.name for f in headlines(typed(run(step(1, "fit", metrics=[val]))))] == ["val_top1"]
    top1 = metric("top1", 87.0, "%", split="test", count=100)
    record = run(step(1, "fit", metrics=[val]), step(2, "ort", metrics=[top1]) | {"verbs": ["measure"]})
    assert [f.metric.name for f in headlines(typed(record))] == ["top1"]


def test_the_mean_is_written_with_its_spread(sweep):
    (first, _) = points(typed(sweep))
    assert figure(first, "ort.lut") == "100"
    assert figure(first, "ort.absent") == ""
