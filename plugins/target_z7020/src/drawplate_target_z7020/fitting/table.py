# SPDX-License-Identifier: Apache-2.0
"""The table of synthesised layers that constants are fitted to.

``python -m drawplate_target_z7020.fitting.table [COUNT [START]]`` synthesises layers that the table does not have yet
and appends them.  About 15 seconds a layer.  Odd starts draw layers with DSP48E1 blocks.  ``... again`` synthesises
the layers that the table has, after a change of the Verilog.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import asdict, evolve, fields, frozen

from drawplate.processes import scratch
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.hardware.generate import generate
from drawplate_dataflow.network import Network
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp
from drawplate_target_z7020.synthesis.synthesise import synthesise
from drawplate_target_z7020.xc7 import XC7

PATH = Path(__file__).with_name("layers.csv")
SEEDS = 100_000
"""Layers of one start."""
LARGEST = 3000
"""Estimated LUTs of the largest layer that is drawn."""


@frozen(kw_only=True)
class Row:
    """A synthesised layer."""

    mw: int
    mh: int
    pe: int
    simd: int
    weight_bits: int
    input_bits: int
    output_bits: int
    """0 where the layer sends sums."""
    seed: int
    dsp_pe: int = 0
    """Processing elements in DSP48E1 blocks."""
    lut: int = 0
    ff: int = 0
    bram18: int = 0
    dsp: int = 0

    @property
    def network(self) -> Network:
        """The network of this one layer, with random weights."""
        kind = activation_type(self.input_bits) if self.input_bits < 8 else unsigned(8)
        shape = LayerShape(
            mh=self.mh,
            pe=self.pe,
            simd=self.simd,
            weight_bits=self.weight_bits,
            output_bits=self.output_bits or None,
            dsp_pe=self.dsp_pe,
        )
        return random_mlp(self.mw, kind, [shape], self.seed)


def read() -> list[Row]:
    """Read the table."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return [Row(**{key: int(value) for key, value in row.items()}) for row in csv.DictReader(file)]


def draw(start: int = 0) -> Iterator[Row]:
    """Draw layers without end, the same every time for the same start; odd starts have DSP48E1 blocks."""
    random = np.random.default_rng(start)
    for seed in range(start * SEEDS, (start + 1) * SEEDS):
        mw, mh = (int(random.choice(sizes)) for sizes in ((64, 128, 256, 784), (10, 64, 128, 256)))
        row = Row(
            mw=mw,
            mh=mh,
            pe=int(random.choice([n for n in range(1, 33) if mh % n == 0])),
            simd=int(random.choice([n for n in range(2, 57) if mw % n == 0])),
            weight_bits=int(random.choice([1, 2, 3, 4, 5, 6, 8], p=[0.2, 0.2, 0.2, 0.15, 0.1, 0.1, 0.05])),
            input_bits=int(random.choice([1, 2, 3, 4, 6, 8], p=[0.2, 0.2, 0.2, 0.15, 0.1, 0.15])),
            output_bits=0 if mh == 10 else int(random.choice([1, 2, 3, 4, 5], p=[0.2, 0.25, 0.25, 0.2, 0.1])),
            seed=seed,
        )
        yield evolve(row, dsp_pe=int(random.integers(1, row.pe + 1))) if start % 2 else row


def write(rows: list[Row]) -> None:
    """Write the table."""
    with PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [attribute.name for attribute in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, rows))


def counted(row: Row, design: Design) -> Row:
    """Synthesise a layer."""
    with scratch() as folder:
        found = synthesise(design, _derive(folder), workers=1).resources
    counts = zip((label.name for label in XC7.labels), found.vector, strict=True)
    return evolve(row, **{name: int(value) for name, value in counts})


def again() -> None:
    """Synthesise every layer of the table anew."""
    rows = read()
    for at, row in enumerate(rows):
        rows[at] = counted(row, generate(row.network, XC7))
        write(rows)


def main(count: int, start: int = 0) -> None:
    """Add so many layers to the table, drawn from a start of random numbers."""
    rows = read() if PATH.exists() else []
    known = {row.seed for row in rows}
    candidates = (row for row in draw(start) if row.seed not in known)
    while count:
        row = next(candidates)
        try:
            design = generate(row.network, XC7)
        except Exception:  # noqa: BLE001, S112 - a folding that cannot be built is drawn now and then
            continue
        if not 20 < design.layers[0].resources.lut < LARGEST:
            continue
        rows.append(counted(row, design))
        write(rows)
        count -= 1


def _derive(root: Path) -> Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path]:
    def derived(_kind: str, _key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        make(root)
        return root

    return derived


if __name__ == "__main__":
    again() if sys.argv[1:] == ["again"] else main(*map(int, sys.argv[1:] or ["10"]))
