# SPDX-License-Identifier: Apache-2.0
import csv
import html
import io
import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from statistics import mean, stdev

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records import bits_sweep, kd_sweep, metric, run, search_tables, step, whole_story

from drawplate.errors import FlowError
from drawplate.report.bars import bars_of
from drawplate.report.charts.epochs import epoch_chart
from drawplate.report.charts.heat import heat_map
from drawplate.report.charts.radar import radar
from drawplate.report.charts.rates import Rate, rate_chart
from drawplate.report.compare import compared
from drawplate.report.families import Spot, as_errors, families
from drawplate.report.figures import SCALES, format_bare, format_metric, scale_of
from drawplate.report.flow_text import flow_text
from drawplate.report.html import charts as charts_of
from drawplate.report.html import page as page_of
from drawplate.report.lineage import layout
from drawplate.report.read import read_whole
from drawplate.report.record import typed
from drawplate.report.rows import as_csv, as_markdown, header, rows
from drawplate.report.search_page import search_values
from drawplate.report.searches import gene_columns, genome_text, search_of
from drawplate.report.sweeps import baseline_of, planes, points
from drawplate.store.records import metric_record, read_metric

sources = st.sampled_from(["measured", "simulated", "placed", "synthesised", "estimated"])
metrics = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["top1", "lut", "latency_ms"]),
        "value": st.floats(-1e9, 1e9),
        "unit": st.sampled_from(["%", "LUT", "", "ms", "FPS", "B"]),
        "source": sources,
    },
    optional={"error": st.floats(0, 1e6), "note": st.text(max_size=20), "layer": st.just("conv1")},
)


def page(records):
    return page_of([*map(typed, records)])


def charts(records):
    return charts_of([*map(typed, records)])


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
some = st.lists(metrics, max_size=5, unique_by=lambda metric: (metric["name"], metric.get("layer")))


class Cells(HTMLParser):
    """The rows of all tables of a page."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.open = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        self.open = tag in ("td", "th")
        if self.open:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


def told(cell):
    """Read a figure as it is written: value, error bar, unit, and the mark of its source."""
    number, _, rest = cell.partition(" ")
    error = re.match(r"± (\S+) ?", rest)
    rest = rest[error.end() :] if error else rest
    mark = re.search(r"\b(sim|pnr|syn|est)$", rest)
    value = float(number.replace(",", ""))
    return (
        value,
        float(error[1].replace(",", "")) if error else 0.0,
        rest[: mark.start()].strip() if mark else rest,
        mark,
    )


@patient
@given(some)
def test_numbers_in_tables_are_those_of_the_store_to_the_digits_that_are_shown(found):
    rows = Cells(page([run(step(1, "ort", metrics=found))])).rows
    whole = [one for one in found if "layer" not in one]
    start = next((n for n, row in enumerate(rows) if row[:3] == ["metric", "value", "source"]), -1) + 1
    written = [row[1:3] for row in rows[start : start + len(whole)]]
    layers = {one["name"]: one for one in found if "layer" in one}
    if layers:
        head = next(row for row in rows if row[0] == "layer")
        line = next(row for row in rows if row[0] == "conv1")
        for column, cell in zip(head, line, strict=True):
            name, _, kind = column.partition(" (")  # what all figures of a column share is in its head
            if name in layers:
                written.append([f"{cell} {kind.removesuffix(')')}".strip(), layers[name]["source"]])
        layers = {name: layers[name] for name in (column.partition(" (")[0] for column in head) if name in layers}
    assert len(written) == len(found)
    for one, (cell, source) in zip([*whole, *layers.values()], written, strict=True):
        value, error, unit, mark = told(cell)
        factor = 1 if unit == one["unit"] else dict(SCALES[one["unit"]])[unit]  # KeyError: that is no such unit
        exact = one["value"] == int(one["value"]) and factor == 1
        assert value * factor == (one["value"] if exact else pytest.approx(one["value"], rel=5e-4))
        assert error * factor == pytest.approx(one.get("error", 0.0), rel=0.06)
        assert source == one["source"]
        assert bool(mark) == (source != "measured")


@patient
@given(some)
def test_every_figure_of_a_run_is_on_its_page_with_its_source(found):
    text = page([run(step(1, "ort", metrics=found))])
    for one in found:
        bare = format_bare(read_metric(one), *scale_of(one["unit"], [one["value"]]))
        assert html.escape(bare if "layer" in one else format_metric(read_metric(one))) in text


@patient
@given(some)
def test_comma_separated_values_are_those_of_the_store(found):
    record = run(step(1, "ort", metrics=found))
    read = list(csv.DictReader(io.StringIO(as_csv(header(typed(record)), rows(typed(record))))))
    assert [(r["metric"], float(r["value"]), r["source"], r["layer"]) for r in read] == [
        (m["name"], m["value"], m["source"], m.get("layer", "")) for m in found
    ]


@patient
@given(metrics)
def test_a_metric_survives_its_record(found):
    again = read_metric(metric_record(read_metric(found)))
    assert again == read_metric(found)


def test_a_sweep_as_rows_names_what_was_varied_and_what_failed():
    record = bits_sweep()
    record["cells"][0] = {"values": [1, 1, 0], "run": "r", "metrics": {}, "error": "does not fit"}
    read = list(csv.DictReader(io.StringIO(as_csv(header(typed(record)), rows(typed(record))))))
    assert read[0]["note"] == "does not fit"
    assert read[1]["quantize.act_bits"] == "2"
    assert "| quantize.weight_bits |" in as_markdown(header(typed(record)), rows(typed(record)))


def test_nothing_is_fetched_and_nothing_is_markup():
    record = run(step(1, "ort")) | {"error": "bad <i>", "flow": {"title": "</script><b>"}}
    record["steps"][0]["outcomes"][0]["notes"] = ["<b>note</b>"]
    text = page([record])
    assert not re.search(r"src=|href=\"[^#]", text)
    assert "<b>note</b>" not in text
    assert "</script>" not in text
    assert "bad &lt;i&gt;" in text


def test_what_is_drawn_cannot_end_the_script_that_holds_it():
    tables = search_tables(5)
    for row in tables["candidates"]:
        row["genome"] = {"</script>": "<!--"}
    text = page([run(step(1, "evolve", tables=tables))])
    values = re.search(r'id="searches">(.*?)</script>', text, re.DOTALL).group(1)
    assert json.loads(values)["evolve-front"]["genome"]["</script>"][0] == "<!--"


def test_every_chart_is_one_that_plotly_knows():
    graph_objects = pytest.importorskip("plotly.graph_objects")
    drawn = charts([bits_sweep(2), kd_sweep(), whole_story()])
    assert len(drawn) == len({chart.name for chart in drawn})
    for chart in drawn:
        graph_objects.Figure(chart.figure())  # raises on a property that does not exist
        assert re.fullmatch(r"[a-z0-9-]+", chart.name)
        assert chart.caption


def test_an_estimate_is_never_drawn_like_what_was_measured():
    pair = [Rate(group="a", label=s, fps=1, top1=1, source=s) for s in ("measured", "simulated", "estimated")]
    symbols = rate_chart(pair).data[0]["marker"]["symbol"]
    assert symbols[0] == symbols[1] != symbols[2]
    assert symbols[2].endswith("-open")


def test_seeds_are_repeats_and_not_an_axis():
    record = bits_sweep(3)
    assert len(points(typed(record))) == 64
    found = {plane.metric: plane for plane in planes(typed(record))}
    assert found["ort.top1"].repeats == 3
    assert found["ort.top1"].values[0][0] == pytest.approx(98.5 - 3 - 1 + 0.1)
    assert found["ort.top1"].spreads[0][0] == pytest.approx(0.1)
    assert points(typed(record))[8].label == "W2A1"


def test_the_baseline_is_what_the_options_do_not_change():
    found = points(typed(kd_sweep()))
    mean, spread = baseline_of(found, "distilled.error")
    assert (mean, spread) == (pytest.approx(15.7), pytest.approx(0.2))
    assert baseline_of(points(typed(bits_sweep())), "ort.error") is None
    estimated = kd_sweep()
    for cell in estimated["cells"]:
        cell["metrics"]["alone"][0]["source"] = "estimated"
    assert baseline_of(points(typed(estimated)), "distilled.error") is None


def test_networks_of_one_speed_make_no_chart_of_speeds():
    record = bits_sweep()
    assert any(chart.name == "foldings" for chart in charts([record]))
    for cell in record["cells"]:
        for found in cell["metrics"]["z7020"]:
            found["value"] = 100.0 if found["name"] == "fps" else found["value"]
    assert not any(chart.name == "foldings" for chart in charts([record]))


def test_lines_over_epochs_are_means_of_all_cells_of_one_setting():
    (family,) = families(typed(bits_sweep(2)))
    assert (family.step, family.curve, family.option, family.cells) == ("fit", "test_top1", "quantize.weight_bits", 16)
    values = [98.5 - 3 / 4 - 1 / act + 0.1 * seed - 10 / 20 for act in range(1, 9) for seed in range(2)]
    spot = family.lines[4][1]
    assert (spot.epoch, spot.mean, spot.spread) == (20, pytest.approx(mean(values)), pytest.approx(stdev(values)))
    errors = as_errors(family)
    assert errors.curve == "test_error"
    assert errors.lines[4][1] == Spot(epoch=20, mean=100 - spot.mean, spread=spot.spread)
    assert [trace["name"] for trace in epoch_chart(errors).data] == [f"W{bits}" for bits in range(1, 9)]


def test_lines_over_epochs_need_curves_and_some_settings():
    assert list(families(typed(kd_sweep()))) == []
    alone = bits_sweep()
    alone["cells"] = [cell for cell in alone["cells"] if cell["values"][0] == 1]
    assert list(families(typed(alone))) == []


def test_a_sweep_is_read_with_the_curves_that_its_runs_recorded(tmp_path):
    for name, record in (("run-110", run(run_id="run-110")), ("sweep", bits_sweep())):
        (tmp_path / name / "steps").mkdir(parents=True)
        (tmp_path / name / "run.json").write_text(json.dumps(record))
    found = step(1, "fit", curves={"test_top1": [[1, 80.5]]})
    (tmp_path / "run-110" / "steps" / "01-fit.json").write_text(json.dumps(found))
    read = read_whole(tmp_path / "sweep")
    assert [cell.curves for cell in read.cells[:2]] == [{"fit": {"test_top1": ((1, 80.5),)}}, {}]
    assert read.versions == {"python": "3.11"}


def test_the_cells_of_a_map_are_written_alike():
    def texts(metric, scale):
        record = bits_sweep()
        for cell in record["cells"]:
            for found in cell["metrics"]["z7020"]:
                found["value"] *= scale
        plane = next(plane for plane in planes(typed(record)) if plane.metric == f"z7020.{metric}")
        return heat_map(plane).data[0]["text"][0][:2]

    assert texts("bram18", 1) == ["30", "30"]
    assert texts("bram18", 0.125) == ["3.8", "3.8"]
    assert texts("bram18", 0.01) == ["0.30", "0.30"]
    assert texts("lut", 1) == ["4,000", "6,000"]
    assert texts("lut", 1000) == ["4,000", "6,000"]


def test_a_radar_draws_the_settings_that_are_named():
    chart = radar(points(typed(bits_sweep())), ["W3A4", "W8A1"])
    assert [trace["name"] for trace in chart.data] == ["W3A4", "W8A1"]


def test_failed_cells_leave_a_hole_and_not_a_zero():
    record = bits_sweep()
    record["cells"][9] = {"values": [2, 2, 0], "run": "r", "metrics": {}, "error": "diverged"}
    plane = next(planes(typed(record)))
    assert plane.values[1][1] is None
    assert "1 of them failed" in page([record])


@settings(patient, max_examples=20)
@given(st.integers(5, 60), st.integers(0, 1000))
def test_the_pages_script_gets_the_search_as_it_was_recorded(count, seed):
    tables = search_tables(count, seed)
    search = search_of(tables)
    values = search_values(search)
    for n, row in enumerate(tables["candidates"][:count]):
        assert values["keys"][n] == row["key"]
        assert {gene: column[n] for gene, column in values["genome"].items()} == row["genome"]
        assert {m: column["values"][n] for m, column in values["metrics"].items()} == {
            name: found["value"] for name, found in row["metrics"].items()
        }
    assert search.failed == 1


def test_a_step_is_right_of_what_it_takes_and_of_its_teachers():
    boxes, arrows = layout(typed(whole_story()))
    assert all(boxes[arrow.start].column < boxes[arrow.end].column for arrow in arrows)
    assert len({(box.column, box.row) for box in boxes.values()}) == len(boxes)
    assert [arrow.start for arrow in arrows if arrow.teaches] == ["teach"]


def test_charts_of_one_name_are_kept_apart():
    names = [chart.name for chart in charts([run(step(1, "fit", curves={"val_top1": [[1, 1], [2, 2]]}))] * 2)]
    assert names == ["fit-accuracy", "fit-accuracy-2"]


def test_comparing_shows_what_differs_and_every_figure():
    one, two = run(step(1, "ort", metrics=[metric("top1", 90.0, "%")])), run(step(1, "ort"), run_id="run-2")
    two["steps"][0]["options"] = {"epochs": 9}
    found = compared([typed(one), typed(two)])
    assert found.settings == [("ort.epochs", "3", "9")]
    assert found.figures == [("ort.top1", "90 %", "")]
    with pytest.raises(FlowError, match="nothing to compare"):
        compared([typed(one)])
    with pytest.raises(FlowError, match="run-1 is a run"):
        compared([typed(one), typed(bits_sweep())])


def test_the_page_of_a_run_without_anything_to_draw_is_small():
    assert len(page([run(step(1, "ort"))])) < 20_000


def test_what_is_known_of_a_layer_stands_before_its_figures():
    tables = {"layers": [{"layer": "conv1", "PE": 16, "SIMD": 49}]}
    text = page([run(step(1, "z7020", metrics=[metric("lut", 5.0, "LUT", layer="conv1")], tables=tables))])
    assert re.search(r">layer<.*>PE<.*>SIMD<.*>lut \(LUT\)<.*<td>16</td><td>49</td><td class=.bar.", text, re.DOTALL)


def test_figures_of_one_column_that_differ_in_source_say_so_each():
    found = [
        metric("lut", 5.0, "LUT", source, layer=name) for name, source in (("a", "estimated"), ("b", "synthesised"))
    ]
    text = page([run(step(1, "z7020", metrics=found))])
    assert ">lut<" in text
    assert ">5 LUT est<" in text
    assert ">5 LUT syn<" in text


def test_every_member_of_a_front_is_told():
    told = step(1, "ort", metrics=[metric("top1", 90.0, "%")])
    told["outcomes"] *= 2
    told["outcomes"][1] = {**told["outcomes"][1], "metrics": [metric("top1", 80.5, "%")]}
    record = run(told)
    text = page([record])
    assert "Every member of the front" in text
    assert "80.5 %" in text
    assert [row[:2] for row in rows(typed(record))] == [("ort", 0), ("ort", 1)]


def test_figures_are_written_in_the_unit_that_reads_best():
    written = [
        format_metric(read_metric(metric("x", value, unit)))
        for value, unit in (
            (0.01449, "ms"),
            (97656.25, "FPS"),
            (25e6, "FPS"),
            (5000.0, "FPS"),
            (17180.0, "B"),
            (0.0, "ms"),
            (4250232.43, "images/s"),
        )
    ]
    assert written == ["14.49 us", "97.66 kFPS", "25 MFPS", "5,000 FPS", "17.18 kB", "0 ms", "4,250,232 images/s"]


def test_the_slowest_layer_binds_and_the_largest_is_named():
    record = typed(whole_story())
    cycles, lut, _ = bars_of(record.steps[3].outcome)
    assert [bar.binds for bar in cycles.bars] == [True, True, True]
    assert "MVAU_0, MVAU_1, MVAU_2 bind" in cycles.caption
    assert lut.caption.startswith("MVAU_0 takes 59% of 20,500 LUT; synthesised")
    assert [round(bar.length) for bar in lut.bars] == [100, 67, 4]


def test_accuracies_on_other_data_are_drawn_apart():
    one, two = whole_story(), {**whole_story(), "id": "run-2"}
    two["data"] = {"name": "mnist", "digest": "e", "notes": []}
    names = [chart.title for chart in charts([one, two]) if chart.name.startswith("approaches")]
    assert [name.partition(":")[0] for name in names] == [
        "all approaches on digits, test split",
        "all approaches on mnist, test split",
    ]


FLOWS = sorted((Path(__file__).parents[3] / "flows").rglob("*.toml"))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_flow_is_shown_as_the_file_that_gives_it(path):
    flow = tomllib.loads(path.read_text(encoding="utf-8"))
    text = flow_text(flow)
    assert tomllib.loads(text) == flow
    assert "\n[[step]]\nuse = " in text


def test_what_toml_has_no_word_for_is_left_out():
    assert flow_text({"data": {"name": "x", "path": None}, "a b": [1, 2]}) == '"a b" = [1, 2]\n\n[data]\nname = "x"'


def test_the_title_comes_before_the_id():
    text = page([run(step(1, "ort"))])
    assert "<h1>a flow</h1>" in text
    assert text.index("<h1>a flow") < text.index("<code>run-1</code>")


def test_many_genes_of_one_kind_share_a_column():
    genome = {f"fc{n}.{kind}": n for n in range(1, 5) for kind in "wa"} | {"depth": 3}
    columns = gene_columns([genome])
    assert list(columns) == ["w", "a", "depth"]
    assert genome_text(genome, columns["w"]) == "fc1 1, fc2 2, fc3 3, fc4 4"
    assert genome_text(genome, columns["depth"]) == "3"
    assert gene_columns([{"a.w": 1, "b.w": 2}]) == {"a.w": ("a.w",), "b.w": ("b.w",)}
