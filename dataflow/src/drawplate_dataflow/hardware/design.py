# SPDX-License-Identifier: Apache-2.0
"""What the generator makes: files, and what is known about every layer without synthesis."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import attrs
from attrs import field, frozen

from drawplate_dataflow.network import Network

TOP = "drawplate_top"
"""Name of the top module."""
SIMULATION_ONLY = ("dp_probe.v", "primitives_sim.v")
"""Files that synthesis must not read."""


class Style(StrEnum):
    """What a ROM is made of."""

    BLOCK = "block"
    LUT = "lut"


@frozen(kw_only=True)
class Port:
    """One side of a stream: ``beats`` words of ``elements`` codes of ``bits`` bits make a frame."""

    elements: int
    bits: int
    beats: int

    @property
    def width(self) -> int:
        """Bits of a word."""
        return self.elements * self.bits


@frozen(kw_only=True)
class Rom:
    """A read-only memory of a layer."""

    name: str
    purpose: str
    """``weights``, ``thresholds``, ``offsets`` or ``requantiser``."""
    bits: int
    depth: int
    style: Style


@frozen(kw_only=True)
class LayerDesign:
    """A layer's module and what it needs to be simulated or synthesised alone."""

    name: str
    """The layer's name in the network."""
    kind: str
    module: str
    sources: tuple[str, ...]
    """Verilog files, its own and of the library, in reading order."""
    contents: tuple[str, ...]
    """Those that only hold ROM contents; other contents of the same shape need the same resources."""
    roms: tuple[Rom, ...] = ()
    s_ports: tuple[Port, ...]
    m_port: Port
    cycles: int
    """Clocks per frame that the layer needs when its neighbours keep up."""
    pe: int = 1
    simd: int = 1
    units: int = 1
    """Threshold units, and results per clock."""
    weight_bits: int = 0
    input_bits: int = 0
    output_bits: int = 0
    accumulator: int = 0
    luts: int = 0
    """LUTs of all processing elements, counted in their netlists."""
    ffs: int = 0
    """Flip-flops of all processing elements, counted in their netlists."""
    latency: int = 0
    """Clocks from operands to the accumulating adder."""
    unrolled: bool = False
    """Whether the weights are constants in the logic, so that their values decide the resources."""
    dsp: int = 0


@frozen(kw_only=True)
class Design:
    """An RTL project: all files by name, flat, and the layers.  Equal networks and settings give equal bytes."""

    files: Mapping[str, bytes] = field(repr=False)
    top: str = TOP
    layers: tuple[LayerDesign, ...]
    forks: tuple[LayerDesign, ...] = ()
    """Where a stream has several readers: what lies between the layers."""
    s_port: Port
    m_port: Port
    network: Network = field(repr=False)
    """What it was made from."""

    @property
    def sources(self) -> tuple[str, ...]:
        """All Verilog files for synthesis, the top last."""
        return tuple(name for name in self.files if name.endswith(".v") and name not in SIMULATION_ONLY)

    @property
    def cycles(self) -> int:
        """Clocks per frame in the steady state: those of the slowest layer."""
        return max(layer.cycles for layer in self.layers)

    def digest(self) -> str:
        """SHA-256 over names and bytes of all files."""
        total = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        return total.hexdigest()

    def shape_digest(self, layer: LayerDesign) -> str:
        """Digest of everything about a layer that decides its resources: not its ROM contents, nor its number."""
        total = hashlib.sha256(repr((layer.roms, layer.module)).replace(layer.module, "layer").encode())
        for name in layer.sources:
            if name not in layer.contents:
                total.update(self.files[name].replace(layer.module.encode(), b"layer"))
        return total.hexdigest()

    def write(self, folder: Path) -> None:
        """Write all files into an existing or new folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


def summary(design: Design) -> bytes:
    """Write ports and layers as JSON, for readers that have no Python."""
    record = {
        "top": design.top,
        "input": attrs.asdict(design.s_port),
        "output": attrs.asdict(design.m_port),
        "cycles_per_frame": design.cycles,
        "layers": [attrs.asdict(layer) for layer in (*design.layers, *design.forks)],
    }
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
