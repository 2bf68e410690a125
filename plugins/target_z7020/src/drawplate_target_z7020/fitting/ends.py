# SPDX-License-Identifier: Apache-2.0
"""The table of what carry chains of layers take a placer beside their LUTs, counted in netlists of yosys.

``python -m drawplate_target_z7020.fitting.ends MODEL.onnx KIND ...`` maps the layers and forks of these kinds (all but
matrix layers, without a name) of a folded DATAFLOW model, each shape once, and adds rows to ``chain_ends.csv``.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from drawplate.errors import StepFailed
from drawplate.processes import run, scratch
from drawplate_dataflow.hardware import Design, generate
from drawplate_dataflow.hardware.chains import FORK
from drawplate_dataflow.hardware.design import LayerDesign
from drawplate_target_z7020.synthesis.count import LUTS
from drawplate_target_z7020.xc7 import XC7

PATH: Final = Path(__file__).with_name("chain_ends.csv")
COLUMNS: Final = ("kind", "shape", "lut", "carry4", "ends", "chains")
SECONDS: Final = 3600.0
Module = Mapping[str, Any]
"""A module of yosys' ``write_json``."""


def ends(module: Module) -> int:
    """Count the bits of carry chains whose select input no LUT drives that drives nothing else.

    A placer gives each of them a LUT that only passes on.  Bits above the last one that is read are none.
    """
    uses: Counter[int] = Counter()
    drivers: dict[int, str] = {}
    for kind, _, bit, leaves in _pins(module):
        if leaves:
            drivers[bit] = kind
        else:
            uses[bit] += 1
    for port in module["ports"].values():
        uses.update(bit for bit in port["bits"] if port["direction"] == "output" and isinstance(bit, int))
    found = 0
    for cell in module["cells"].values():
        if cell["type"] == "CARRY4":
            pins = cell["connections"]
            read = (at for name in ("O", "CO") for at, bit in enumerate(pins.get(name, ())) if uses[bit])
            for bit in pins["S"][: max(read, default=-1) + 1]:
                own = isinstance(bit, int) and drivers.get(bit, "") in LUTS and uses[bit] == 1
                found += not own
    return found


def _pins(module: Module) -> Iterator[tuple[str, str, int, bool]]:
    """Yield the kind of a cell, a pin of it, the net at it, and whether the cell drives that."""
    for cell in module["cells"].values():
        for pin, bits in cell["connections"].items():
            leaves = cell["port_directions"].get(pin) == "output"
            yield from ((cell["type"], pin, bit, leaves) for bit in bits if isinstance(bit, int))


def mapped(design: Design, unit: LayerDesign) -> Module:
    """Map a layer to a flat netlist.

    Raises:
        StepFailed: when yosys fails.
    """
    with scratch() as folder:
        for name in (*unit.sources, *unit.contents):
            (folder / name).write_bytes(design.files[name])
        sources = (name for name in unit.sources if name.endswith(".v"))
        command = [sys.executable, "-m", "drawplate_target_z7020.place.netlist", unit.module, "whole", *sources]
        done = run(command, seconds=SECONDS, where=unit.name, folder=folder)
        if done.returncode:
            raise StepFailed(f"yosys failed: {done.stderr[-400:]}", where=unit.name)
        modules: Mapping[str, Module] = json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"]
        return next(module for module in modules.values() if module["cells"])


def rows(design: Design, kinds: tuple[str, ...]) -> Iterator[dict[str, str | int]]:
    """Yield a row per shape of the layers and forks of some kinds."""
    network, seen = design.network, set[str]()
    layers = {layer.name: layer for layer in network.layers}
    for unit in (*design.layers, *design.forks):
        layer, digest = layers.get(unit.name), design.shape_digest(unit)
        kind = FORK if layer is None else type(layer).__name__
        if digest in seen or not (kind in kinds if kinds else kind != "MatMul"):
            continue
        seen.add(digest)
        module = mapped(design, unit)
        kept = Counter(cell["type"] for cell in module["cells"].values())
        folded = "" if layer is None else f" PE {layer.folding.pe} SIMD {layer.folding.simd}"
        stream = network.streams[unit.name.removesuffix("_fork")] if layer is None else layer.output
        yield {
            "kind": kind,
            "shape": "x".join(map(str, stream.shape)) + folded,
            "lut": sum(LUTS.get(name, 0) * count for name, count in kept.items()),
            "carry4": kept["CARRY4"],
            "ends": ends(module),
            "chains": f"{unit.resources.chains:g}",
        }


def main(model: str, *kinds: str) -> None:
    """Add rows."""
    import onnx

    from drawplate_dataflow.reading import read

    with PATH.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        for row in rows(generate(read(onnx.load(model)), XC7), kinds):
            writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
