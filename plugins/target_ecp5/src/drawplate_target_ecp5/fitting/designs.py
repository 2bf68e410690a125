# SPDX-License-Identifier: Apache-2.0
"""The table of placed designs that estimates are compared with.

``python -m drawplate_target_ecp5.fitting.designs [NAME ...]`` places and routes those that are named (all, without a
name) for a ULX3S 85F at 100 MHz, and writes what it finds: random weights, shapes as below.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen

from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import INPUT, Layer, Network, Stream
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_dataflow.specimens.cnv import convolution, folded_for, halve
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_matmul, random_mlp
from drawplate_target_ecp5.board import wrap
from drawplate_target_ecp5.boards import find_board
from drawplate_target_ecp5.route import place
from drawplate_target_ecp5.synthesis import synthesise
from drawplate_target_ecp5.technology import ECP5

PATH = Path(__file__).with_name("designs.csv")
BOARD: Final = "ulx3s-85f"
CLOCK_MHZ: Final = 100.0
Derive = Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path]


def mlp(inputs: int, input_bits: int, bits: tuple[int, int], *layers: tuple[int, int, int]) -> Network:
    """Make a perceptron: bits of weights and activations, and (outputs, PE, SIMD) of every layer."""
    weight_bits, act_bits = bits
    kind = activation_type(input_bits) if input_bits < 8 else unsigned(8)
    shapes = [
        LayerShape(
            mh=mh,
            pe=pe,
            simd=simd,
            weight_bits=weight_bits,
            output_bits=None if at == len(layers) - 1 else act_bits,
        )
        for at, (mh, pe, simd) in enumerate(layers)
    ]
    return random_mlp(inputs, kind, shapes, 1)


def cnn(side: int, channels: int, input_bits: int, bits: int, *, widths: tuple[int, int], cycles: int) -> Network:
    """Make two 3 x 3 convolutions, the first with a pool behind it, and a dense layer of ten."""
    random = np.random.default_rng(1)
    start = Stream(shape=(side, side, channels), type=unsigned(input_bits))
    layers: list[Layer] = []
    source, x = INPUT, start
    for at, width in enumerate(widths):
        shape = LayerShape(mh=width, pe=1, simd=1, weight_bits=bits, output_bits=bits)
        layers += convolution(random, f"conv{at}", source, x, shape)
        if not at:
            layers.append(halve("pool", layers[-1].name, layers[-1].output))
        source, x = layers[-1].name, layers[-1].output
    flat = Stream(shape=(1, 1, x.elements), type=x.type)
    last = LayerShape(mh=10, pe=1, simd=1, weight_bits=bits, output_bits=None)
    layers.append(random_matmul(random, "classes", source, flat, last))
    return folded_for(Network(name="cnn", input=start, layers=tuple(layers)), cycles)


DESIGNS: Final[Mapping[str, Callable[[], Network]]] = {
    "digits W3A3": partial(mlp, 64, 4, (3, 3), (32, 1, 8), (32, 1, 4), (10, 1, 2)),
    "digits W2A2": partial(mlp, 64, 2, (2, 2), (64, 4, 8), (10, 1, 8)),
    "digits W1A1": partial(mlp, 64, 1, (1, 1), (64, 8, 16), (64, 8, 16), (10, 2, 8)),
    "digits W4A4": partial(mlp, 64, 4, (4, 4), (32, 2, 8), (10, 1, 8)),
    "digits W8A4": partial(mlp, 64, 4, (8, 4), (16, 2, 4), (10, 1, 4)),
    "wide W3A3": partial(mlp, 256, 3, (3, 3), (64, 8, 16), (64, 4, 8), (10, 1, 8)),
    "wide W2A3": partial(mlp, 256, 3, (2, 3), (128, 8, 16), (10, 1, 16)),
    "wide W4A2": partial(mlp, 256, 2, (4, 2), (64, 4, 16), (10, 1, 8)),
    "pixels W1A2": partial(mlp, 784, 2, (1, 2), (64, 4, 28), (10, 1, 8)),
    "deep W2A2": partial(mlp, 128, 2, (2, 2), (64, 2, 8), (64, 2, 8), (64, 2, 8), (10, 1, 4)),
    "pixels W3A3": partial(mlp, 784, 8, (3, 3), (256, 16, 49), (256, 16, 16), (256, 16, 16), (10, 1, 16)),
    "cnn W2A2": partial(cnn, 8, 1, 4, 2, widths=(8, 8), cycles=600),
    "cnn W3A3": partial(cnn, 14, 1, 3, 3, widths=(8, 16), cycles=1500),
}


@frozen(kw_only=True)
class DesignRow:
    """A placed design."""

    name: str
    placed: Resources
    fmax_mhz: float

    @property
    def network(self) -> Network:
        """The network that it is."""
        return DESIGNS[self.name]()


def read_designs() -> list[DesignRow]:
    """Read the table."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return [
            DesignRow(
                name=row["name"],
                placed=Resources(**{name: float(row[name]) for name in NAMES}),
                fmax_mhz=float(row["fmax_mhz"]),
            )
            for row in csv.DictReader(file)
        ]


def write_designs(rows: Mapping[str, DesignRow]) -> None:
    """Write the table, in the order of :data:`DESIGNS`."""
    with PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", *NAMES, "fmax_mhz"))
        for name in DESIGNS:
            if name in rows:
                row = rows[name]
                writer.writerow([name, *map(int, row.placed.vector), round(row.fmax_mhz, 1)])


def placed(name: str, derived: Derive) -> DesignRow:
    """Place and route a design."""
    wrapped = wrap(generate(DESIGNS[name](), ECP5), find_board(BOARD), CLOCK_MHZ, None)
    found = place(wrapped, synthesise(wrapped, derived, lambda _: None), derived).found
    return DesignRow(name=name, placed=found.resources, fmax_mhz=found.fmax_mhz)


def main(*names: str) -> None:
    """Place designs anew."""
    from drawplate.store import Store

    store = Store(Path(".drawplate"))
    rows = {row.name: row for row in read_designs()} if PATH.exists() else {}
    for name in names or DESIGNS:
        rows[name] = placed(name, store.derived)
        write_designs(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
