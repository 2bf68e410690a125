# SPDX-License-Identifier: Apache-2.0
"""Write ``evidence/brevitas.md`` from ``benchmarks/results``: ``python docs/generate_brevitas.py``."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence" / "brevitas.md"
Rows = list[dict[str, str]]


def rows(name: str) -> Rows:
    """Read a table of results; empty where it was not measured."""
    path = ROOT / "benchmarks" / "results" / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page() -> str:
    """Return the page."""
    parts = [_HEAD, *_quantizers(), *_parity(), *_networks(), *_post_training(), *_learned()]
    return "\n".join(parts) + "\n"


_HEAD = """# Brevitas

What of [Brevitas](https://github.com/Xilinx/brevitas) 0.13 enters, trains on and lowers, and how its algorithms do
here. Every row is of a run; `docs/generate_brevitas.py` writes this page from `benchmarks/results`. How it works:
[quantization](../steps/quantization.md#brevitas)."""
_OF_QUANTIZERS = """
## Ready-made quantizers

`python benchmarks/brevitas_quantizers.py`: each of the {all} in a small network of its own, entered, trained by one
step, lowered, every code proved equal. {enter} enter and train on, {lower} lower. *Scale* is what becomes of it in
training.
"""
_OF_PARITY = """
## One training step

{all} quantizers of Brevitas' modules and ours, from the same weights and on the same batch. Outputs in float32;
gradients in float64, largest difference relative to the largest value: of the input, of the weights, and of a trained
scale (ours without its factor 1 / sqrt(values * largest code)). The one difference by intent: where the scale follows
the largest weight, Brevitas adds the scale's gradient to that weight's, and we do not; that weight is left out here.
`tests/quant_finn/test_parity.py` holds all of it to 1e-6.
"""
_OF_NETWORKS = """
## Brevitas' example networks

`python benchmarks/brevitas_networks.py`: networks of `brevitas_examples.bnn_pynq`, built by that package: factory,
plan, one epoch, `lower` (codes of 200 test images), `fold` for a PYNQ-Z2 at 100 MHz, RTL in simulation, where every
output of every image equals the integer network's. Top-1 after that one epoch, of these 200 images, is no measure of
the networks; CIFAR-10 is a lossy copy here. Resources are estimated.
"""
_OF_ROUNDING = """
## Without training

`python benchmarks/post_training.py`: top-1 in percent on the test images, mean and standard deviation over seeds of the
float network; `qat`: the rounded network trained for as many epochs as the float one. Seconds are the median of the
step on one thread of a busy machine. Weights have one scale per tensor."""
_OF_WIDTHS = """
## Learned bit widths

`python benchmarks/learned_bits.py`: 784-64-64-64-10 on 10,000 images of Fashion-MNIST, every network folded by PE =
SIMD = 16, so that all take the same cycles; LUTs are estimated. `learned` names the part of the LUTs of W6A6 that was
aimed at. All are trained for 8 epochs. Mean and standard deviation over seeds. On this network trained widths are
behind uniform ones at equal LUTs, by 0.9 points at 7,700 LUTs. `evolve` at equal time was not measured.
"""


def _table(head: tuple[str, ...], body: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for cells in body:
        yield f"| {' | '.join(cells)} |"


def _quantizers() -> Iterator[str]:
    """Yield the table of ready-made quantizers, those that are refused for one reason in one line."""
    found = rows("brevitas_quantizers.csv")
    enter = [row for row in found if row["enters"] == "yes"]
    lower = [row for row in found if row["lowers"] == "yes"]
    yield _OF_QUANTIZERS.format(all=len(found), enter=len(enter), lower=len(lower))
    yield from _table(
        ("quantizer", "scale", "enters", "trains on", "lowers", "why not, or what is said"),
        (
            (f"`{row['quantizer']}`", row["scale"], row["enters"], row["trains"], row["lowers"], row["why"])
            for row in enter
        ),
    )
    yield ""
    refused: dict[str, list[str]] = {}
    for row in found:
        if row["enters"] != "yes":
            refused.setdefault(row["why"], []).append(f"`{row['quantizer']}`")
    yield "Refused by the name of the layer:\n"
    for why, names in refused.items():
        yield f"- {why}: {', '.join(names)}."


def _parity() -> Iterator[str]:
    found = rows("brevitas_parity.csv")
    yield _OF_PARITY.format(all=len(found))
    yield from _table(
        ("quantizer", "outputs", "inputs", "weights", "scale"),
        ((row["quantizer"], row["outputs"], row["inputs"], row["weights"], row["scale"]) for row in found),
    )


def _networks() -> Iterator[str]:
    found = rows("brevitas_networks.csv")
    yield _OF_NETWORKS
    yield from _table(
        (
            "network", "data", "images of the epoch", "top-1, %", "codes", "RTL images exact",
            "cycles (simulated)", "LUT",
            "RAMB18", "s",
        ),
        (
            (
                row["network"], row["data"], row["training_images"], row["top1_integers_200_images"], row["codes"],
                row["rtl_images_exact"], row["cycles_simulated"], row["lut_estimated"], row["bram18_estimated"],
                row["seconds"],
            )
            for row in found
        ),
    )  # fmt: skip


def _post_training() -> Iterator[str]:
    found = rows("post_training.csv")
    if not found:
        return
    yield _OF_ROUNDING
    for network in dict.fromkeys(row["network"] for row in found):
        mine = [row for row in found if row["network"] == network]
        floats = [float(row["top1"]) for row in mine if row["bits"] == "float"]
        widths = list(dict.fromkeys(row["bits"] for row in mine if row["bits"] != "float"))
        data = {
            "mlp": "784-128-128-128-10 on Fashion-MNIST, 4 epochs",
            "resnet8x4": "resnet8x4 on 4,000 images of CIFAR-10 (lossy copy), 2 epochs, 2,000 test images",
        }[network]
        yield f"\n{data}: float {_said(floats)}, {len(floats)} seed{'s' if len(floats) > 1 else ''}.\n"
        yield from _table(
            ("method", *widths, "s"),
            (
                (method, *(_said(_values(mine, bits, method), len(floats)) for bits in widths), _median(mine, method))
                for method in dict.fromkeys(row["method"] for row in mine if row["bits"] != "float")
            ),
        )


def _values(found: Rows, bits: str, method: str) -> list[float]:
    return [float(row["top1"]) for row in found if (row["bits"], row["method"]) == (bits, method)]


def _median(found: Rows, method: str) -> str:
    return f"{statistics.median(float(row['seconds']) for row in found if row['method'] == method):.1f}"


def _said(values: list[float], seeds: int | None = None) -> str:
    """Say mean and deviation, and how many values there are where not all seeds ran."""
    if not values:
        return ""
    said = f"{statistics.mean(values):.2f}" + (f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else "")
    return said if seeds in {None, len(values)} else f"{said} ({len(values)} of {seeds})"


def _learned() -> Iterator[str]:
    found = rows("learned_bits.csv")
    if not found:
        return
    yield _OF_WIDTHS
    keys = dict.fromkeys((row["kind"], row["name"]) for row in found)
    yield from _table(
        ("kind", "network", "top-1, %", "LUT", "seeds", "s"),
        (
            (
                kind, name, _said([float(row["top1"]) for row in mine]),
                f"{statistics.mean(float(row['lut_estimated']) for row in mine):,.0f}", str(len(mine)),
                f"{statistics.median(float(row['seconds']) for row in mine):.0f}",
            )
            for kind, name in keys
            for mine in [[row for row in found if (row["kind"], row["name"]) == (kind, name)]]
        ),
    )  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
