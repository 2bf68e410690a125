# SPDX-License-Identifier: Apache-2.0
import re

from hypothesis import given
from hypothesis import strategies as st

from drawplate.report.curves import curve_svg
from drawplate.report.figures import format_metric
from drawplate.report.html import page
from drawplate.store.records import metric_record, read_metric


def record(metrics, error=None):
    outcome = {"metrics": metrics, "notes": ["<b>note</b>"], "curves": {"val_top1": [[1, 80.0], [2, 85.5]]}}
    step = {
        "number": 1,
        "name": "ort",
        "plan_notes": ["planned"],
        "options": {"batch": 64},
        "outcomes": [outcome],
        "chosen": 0,
    }
    return {
        "id": "run-1",
        "status": "done",
        "updated": "now",
        "seed": 0,
        "device": "cpu",
        "host": "host",
        "error": error,
        "data": {"name": "digits", "notes": ["lossy"]},
        "steps": [step],
        "flow": {"title": "</script>"},
        "versions": {"python": "3.11"},
    }


sources = st.sampled_from(["measured", "simulated", "synthesised", "estimated"])
metrics = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["top1", "lut", "latency_ms"]),
        "value": st.floats(-1e9, 1e9),
        "unit": st.sampled_from(["%", "LUT", ""]),
        "source": sources,
    },
    optional={"error": st.floats(0, 1e6), "note": st.text(max_size=20), "layer": st.just("conv1")},
)


@given(st.lists(metrics, max_size=5, unique_by=lambda metric: (metric["name"], metric.get("layer"))))
def test_every_figure_of_a_run_is_on_its_page_with_its_source(found):
    import html

    text = page([record(found)])
    for metric in found:
        assert html.escape(format_metric(metric)) in text
    assert text.count("<td>") >= sum("layer" not in metric for metric in found)


@given(metrics)
def test_a_metric_survives_its_record(found):
    again = read_metric(metric_record(read_metric(found)))
    assert again == read_metric(found)


def test_nothing_is_fetched_and_nothing_is_markup():
    text = page([record([], error="bad <i>")])
    assert not re.search(r"(src|href)=", text)
    assert "<b>note</b>" not in text
    assert "</script>" not in text
    assert "bad &lt;i&gt;" in text


def test_a_curve_says_its_range():
    svg = curve_svg("val_top1", [[1, 80.0], [2, 85.5]])
    assert ">80<" in svg
    assert ">85.5<" in svg
    assert 'aria-label="val_top1"' in svg
