# SPDX-License-Identifier: Apache-2.0
"""Figures of other tasks than classification, and what stands beside them."""

import io

from attrs import frozen
from records import artifact
from rich.console import Console

from drawplate.metric import Direction, Metric, Source
from drawplate.outcome import Outcome
from drawplate.report.charts.curves import curve_charts
from drawplate.report.charts.radar import radar
from drawplate.report.record import typed
from drawplate.report.rows import rows
from drawplate.report.summary import accuracies, headlines
from drawplate.report.sweeps import Point
from drawplate.report.terminal import step_lines
from drawplate.store.records import metric_record, read_metric


def metric(name, value, *, split="test", direction="lower", note="114 test images; all outputs are the same"):
    return Metric(name=name, value=value, unit="", source=Source.MEASURED, split=split, direction=direction, note=note)


def step(*metrics):
    outcome = {"artifact": artifact("0"), "metrics": [metric_record(one) for one in metrics]}
    return {"name": "ort", "chosen": 0, "outcomes": [outcome]}


def run_of(*steps):
    return typed({"id": "run", "status": "done", "steps": steps})


def test_what_weakens_a_figure_stands_beside_it_once():
    @frozen
    class Spec:
        number: int = 3
        name: str = "ort"

    @frozen
    class Planned:
        spec: Spec = Spec()

    @frozen
    class Result:
        outcome: Outcome
        seconds: float = 0.1

    found = (metric("mse", 2.5), metric("mae", 0.5), metric("params", 9, split="", note="counted"))
    result = Result(Outcome(artifact=None, metrics=found))
    console = Console(file=io.StringIO(), width=120)
    for line in step_lines(Planned(), result):
        console.print(line)
    lines = console.file.getvalue().splitlines()
    assert lines[1].split("  ")[-1] == "114 test images; all outputs are the same"
    assert lines[1].startswith("   mse")
    assert lines[2].rstrip().endswith("0.5")
    assert "counted" not in lines[3]


def test_the_metric_that_tells_most_comes_first():
    record = run_of(step(metric("mse", 2.5), metric("auc", 0.9, direction="higher"), metric("lut", 3, split="")))
    assert [figure.metric.name for figure in headlines(record)] == ["auc", "mse", "lut"]
    assert [figure.metric.name for figure in accuracies(record)] == ["auc"]


def test_split_and_direction_are_columns():
    (row,) = rows(run_of(step(metric("mse", 2.5))))
    assert row[-4:] == ("test", "", "lower", "114 test images; all outputs are the same")


def test_old_records_are_read():
    old = {"name": "top1", "value": 90.0, "unit": "%", "source": "measured", "note": "300 test images"}
    assert read_metric(old).split == ""
    assert read_metric(old).direction is None
    new = metric("mse", 1.0)
    assert read_metric(metric_record(new)) == new
    assert new.direction is Direction.LOWER


def test_curves_of_one_metric_share_a_chart():
    curves = {"val_mse": [[1, 3.0], [2, 2.0]], "test_mse": [[1, 3.5], [2, 2.5]], "train_loss": [[1, 1.0], [2, 0.5]]}
    charts = {chart.title: chart for chart in curve_charts("fit", curves)}
    assert set(charts) == {"fit: loss", "fit: mse"}
    assert [line["name"] for line in charts["fit: mse"].data] == ["val_mse", "test_mse"]


def test_a_radar_knows_which_values_are_better():
    def point(bits, mse, lut):
        values = {"mse": mse, "lut": lut, "file_bytes": 10 * lut}
        return Point(
            values={"bits": bits},
            metrics={f"z7020.{name}": (metric(name, value),) for name, value in values.items()},
        )

    chart = radar([point(2, 5.0, 10), point(8, 1.0, 40)])
    scores = {line["name"]: dict(zip(line["theta"], line["r"], strict=True)) for line in chart.data}
    assert scores["bits = 8"]["mse"] == 1
    assert scores["bits = 2"]["mse"] == 0
    assert scores["bits = 2"]["lut"] == 1
