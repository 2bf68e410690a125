# SPDX-License-Identifier: Apache-2.0
"""Write ``evidence/mlperf.md``: ``python docs/generate_mlperf.py``, from ``benchmarks/results/mlperf.csv``."""

# ruff: noqa: E501 - prose as it stands on the page

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence" / "mlperf.md"
TABLE = ROOT / "benchmarks" / "results" / "mlperf.csv"
HEAD = """\
# MLPerf Tiny

The four networks of MLPerf Tiny (Banbury et al., arXiv 2106.07597), CNV at full width and the perceptron of FINN's submission for keywords, each through `quantize`, `lower`, `fold` and `z7020`
with default options for a PYNQ-Z2 (XC7Z020), 8-bit inputs. Flows: `flows/mlperf/`. `python benchmarks/mlperf.py NETWORK` makes a row of
`benchmarks/results/mlperf.csv`, `python docs/generate_mlperf.py` this page.

A row stands here once it has been run; what was only planned is marked (est.), for estimated. Every simulated output equals the golden model's, and the clocks between frames are those that were planned: the step fails otherwise. Resources are
counted by yosys per layer (source `synthesised`), not placed; times are at 100 MHz, which is no promise (see [Z7020](../steps/z7020.md)). The interval is what frames
follow each other in, the port of 64 bits counted; the latency is from a frame's first word in to its last word out, simulated. Figures on synthetic data would say nothing,
so there are none: what is measured there is hardware, whose cycles and resources hardly depend on what weights say. Whether a design fits is by yosys' counts
and by slices; ResNet-8 was run before `fold` counted these, by which it may choose fewer LUTs today. ResNet-8 and CNV
were trained on a GPU, on a JPEG copy (quality 95) of CIFAR-10: 38 epochs in float and 30 quantized, and 35 epochs.

"""
COLUMNS = (
    ("network", "network"),
    ("bits", "bits"),
    ("accuracy", "accuracy"),
    ("images_exact", "frames exact"),
    ("cycles_planned", "cycles planned"),
    ("cycles_simulated", "simulated"),
    ("interval_us", "interval, us"),
    ("latency_us", "latency, us"),
    ("lut_synthesised", "LUT"),
    ("ff_synthesised", "FF"),
    ("bram18_synthesised", "RAMB18"),
    ("dsp_synthesised", "DSP48E1"),
    ("fits", "fits"),
)
ECP5 = (
    ("network", "network"),
    ("bits", "bits"),
    ("ecp5_cycles", "cycles"),
    ("ecp5_lut4", "LUT4"),
    ("ecp5_ff", "FF"),
    ("ecp5_dp16kd", "DP16KD"),
    ("ecp5_mult18", "MULT18X18D"),
    ("ecp5_note", ""),
)
PUBLISHED = """
## Published submissions

On the same board, from the raw logs of the open division (`mlcommons/tiny_results_v0.7`, `_v1.0`; their latency is 1 / median throughput, measured on the board with its host).
Our figures are simulated and synthesised, theirs measured and placed: they are to be compared with that in mind, and networks and bits are not the same.

"""
SUBMISSIONS = (
    ("image classification", "FINN, CNV W1A1 (v0.7)", "84.5 %", 1510.0, "2,530 uJ", ("cnv",)),
    ("image classification", "hls4ml, RN07 (v0.7)", "83.5 %", 27300.0, "44,191 uJ", ("resnet8",)),
    ("image classification", "hls4ml, RN08 (v1.0)", "83.5 %", 7640.0, "12,266 uJ", ("resnet8",)),
    ("keywords", "FINN, MLP W3A3 (v0.7)", "82.5 %", 17.5, "30.7 uJ", ("keywords-mlp", "dscnn")),
    ("anomalies", "hls4ml, AD08 (v0.7)", "AUC 0.83", 18.7, "30.0 uJ", ("autoencoder",)),
)
"""Task, what was submitted, its quality, microseconds of an inference, energy of one, and our networks beside it."""
TAIL = """
Resources of these submissions are in Borras et al., arXiv 2206.11791, whose abstract alone could be read here ("latencies as low as 20 us and energy
consumption as low as 30 uJ per inference"): its table of LUTs is not repeated.

## Larger images

MobileNetV1 0.25 on 224 x 224 pixels takes half a minute on two cores, from the untrained network to the simulation of two images, without synthesis:

    drawplate run flows/mlperf/mobilenetv1.toml --set "data.shape=[3,224,224]" --set data.limit=256 --set data.val=64 --set data.test_limit=16 \\
      --set lower.finn=false --set lower.check_images=8 --set z7020.synthesise=false

It takes 112,896 cycles, planned and simulated: 886 frames per second at 100 MHz, 3.05 ms of latency (simulated), 15,944 LUTs and 158 RAMB18 with line buffers in
block RAM (estimated).
"""


def page() -> str:
    """Return the page."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ecp5 = (
        "\n## ECP5\n\nFolded for an ULX3S (LFE5U-85F) with `embedded = true`; cycles and resources are estimated.\n\n"
    )
    return HEAD + _table(COLUMNS, rows) + PUBLISHED + _beside(rows) + TAIL + ecp5 + _table(ECP5, rows)


def _beside(rows: Iterable[dict[str, str]]) -> str:
    """Write a line per submission, with latency and interval of our network."""
    found = list(rows)
    lines = ["| task | submission | quality | latency | energy | here, latency |", "|---|---|---|---|---|---|"]
    for task, what, quality, microseconds, energy, networks in SUBMISSIONS:
        ours = "; ".join(
            f"{row['network']} {row['bits']}: {float(row['latency_us']):,g} us, one every {float(row['interval_us']):,g} us"
            for row in found
            if row["network"] in networks
        )
        lines.append(f"| {task} | {what} | {quality} | {microseconds:,g} us | {energy} | {ours} |")
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[tuple[str, str]], rows: Iterable[dict[str, str]]) -> str:
    lines = [f"| {' | '.join(head for _, head in columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(name, row[name]) for name, _ in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(name: str, text: str) -> str:
    if name == "fits":
        return "yes" if text == "1" else "no"
    return f"{int(text):,}" if text.isdecimal() else text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
