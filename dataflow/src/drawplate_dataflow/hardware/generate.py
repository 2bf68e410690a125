# SPDX-License-Identifier: Apache-2.0
"""From a network to an RTL project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.design import SIMULATION_ONLY, Design, Port, summary
from drawplate_dataflow.hardware.elementwise import add, argmax, threshold
from drawplate_dataflow.hardware.fork import fork, forks
from drawplate_dataflow.hardware.image import pad, pool, window
from drawplate_dataflow.hardware.matmul import matmul
from drawplate_dataflow.hardware.parts import LayerFiles
from drawplate_dataflow.hardware.plan import check_folding
from drawplate_dataflow.hardware.text import library
from drawplate_dataflow.hardware.top import top_text
from drawplate_dataflow.network import (
    INPUT,
    Add,
    ArgMax,
    Layer,
    MatMul,
    Network,
    Pad,
    Pool,
    Stream,
    Threshold,
    Window,
)

SIMPLE: Final[tuple[tuple[type[Layer], Callable[[Any, Stream, str, Port], LayerFiles]], ...]] = (
    (Window, window),
    (Pad, pad),
    (Pool, pool),
    (Threshold, threshold),
    (ArgMax, argmax),
)
"""Layers that read one stream."""


def generate(network: Network) -> Design:
    """Generate the RTL project of a network.

    Raises:
        ModelError: when a layer cannot be built as folded, by its name.
    """
    for layer in network.layers:
        if isinstance(layer, MatMul):
            check_folding(layer)
    ports = {INPUT: _input_port(network)}
    parts: list[LayerFiles] = []
    for number, layer in enumerate(network.layers):
        part = _layer(network, layer, f"layer{number}", [ports[name] for name in layer.inputs])
        ports[layer.name] = part.design.m_port
        parts.append(part)
    layers = tuple(part.finished() for part in parts)
    split = forks(network, ports)
    between = {
        name: fork(name, ports[name], ends, f"fork{number}") for number, (name, ends) in enumerate(split.items())
    }
    parts += between.values()
    files: dict[str, bytes] = {}
    for name in sorted({name for part in parts for name in part.library}):
        files[name] = library(name)
    for part in parts:
        files |= part.files
    finished = {name: part.finished() for name, part in between.items()}
    joints = {name: (record, split[name]) for name, record in finished.items()}
    files["drawplate_top.v"] = top_text(network, layers, ports[INPUT], joints).encode()
    for name in SIMULATION_ONLY:
        files[name] = library(name)
    design = Design(
        files=files,
        layers=layers,
        forks=tuple(finished.values()),
        s_port=ports[INPUT],
        m_port=layers[-1].m_port,
        network=network,
    )
    files["design.json"] = summary(design)
    return design


def _input_port(network: Network) -> Port:
    """The first layer's folding decides how many elements enter at once."""
    first = network.readers(INPUT)[0]
    elements = first.simd if isinstance(first, MatMul) else getattr(first, "simd", getattr(first, "pe", 1))
    bits = network.input.type.bits
    beats = first.sf * first.output.pixels if isinstance(first, MatMul) else network.input.elements // elements
    return Port(elements=elements, bits=bits, beats=beats)


def _layer(network: Network, layer: Layer, module: str, s_ports: list[Port]) -> LayerFiles:
    sources = network.sources(layer)
    if isinstance(layer, Add):
        return add(layer, sources, module, tuple(s_ports))
    if isinstance(layer, MatMul):
        return matmul(layer, sources[0].type, module, s_ports[0])
    for kind, generator in SIMPLE:
        if isinstance(layer, kind):
            return generator(layer, sources[0], module, s_ports[0])
    raise ModelError(f"no hardware for layers of kind {type(layer).__name__}", where=f"layer {layer.name}")
