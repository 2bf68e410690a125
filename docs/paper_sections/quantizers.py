# SPDX-License-Identifier: Apache-2.0
"""Table 1 and Figure 2: the paper's quantizers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drawplate.report.charts.chart import COLOURS, DASHES, Chart, axis, nth
from drawplate.report.rows import as_markdown
from drawplate_quant_finn.quantizing.paper import figure_2 as curves_of_figure_2
from drawplate_quant_finn.quantizing.paper import quantize_weights
from paper_sections.section import VALUES, Section


def table_1(_records: object) -> Section:
    rows = []
    equal = 0
    for value, expected in VALUES["table_1"].items():
        found = [float(quantize_weights([float(value)], bits)[0]) for bits in range(1, 9)]
        equal += sum(a == b for a, b in zip(found, expected, strict=True))
        rows.append([value, *(f"{a:.8g}" for a in found)])
    table = as_markdown(["value", *(f"n = {bits}" for bits in range(1, 9))], rows)
    return Section(title="Table 1: Eq. 1 in numbers", text=f"{equal} of 40 values are the paper's.\n\n{table}")


def figure_2(_records: object) -> Section:
    curves = {name.replace("1 bits", "1 bit"): points for name, points in curves_of_figure_2().items()}
    levels = {name: len({y for _, y in points}) for name, points in curves.items() if name != "tanh"}
    ends = sorted({y for points in curves.values() for _, y in points})
    words = ", ".join(f"{count} with {name}" for name, count in levels.items())
    text = (
        "The activations that `quantize` writes behind Tanh: values of n bits between -1 and 1, the sign at n = 1. "
        f"Levels found over the curves: {words}; all lie within {ends[0]:g} and {ends[-1]:g}."
    )
    return Section(title="Figure 2: quantized tanh", text=text, charts=(_chart(curves),))


def _chart(curves: Mapping[str, Sequence[tuple[float, float]]]) -> Chart:
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [x for x, _ in points],
            "y": [y for _, y in points],
            "line": {
                "color": nth(COLOURS, number - 1),
                "dash": nth(DASHES, number - 1) if number else "solid",
                "width": 2 if number else 4,
                "shape": "hv" if number else "linear",
            },
        }
        for number, (name, points) in enumerate(curves.items())
    ]
    layout = {"xaxis": axis("x"), "yaxis": axis("tanh(x), quantized"), "height": 380}
    return Chart(
        name="figure-2", title="quantized tanh", data=data, layout=layout, caption="for 1 to 4 bits, and exact"
    )
