# SPDX-License-Identifier: Apache-2.0
"""From a network to an RTL project."""

from __future__ import annotations

from drawplate_dataflow.hardware.design import SIMULATION_ONLY, Design, Port, summary
from drawplate_dataflow.hardware.files import LayerFiles
from drawplate_dataflow.hardware.fork import fork, forks
from drawplate_dataflow.hardware.text import library
from drawplate_dataflow.hardware.top import top_text
from drawplate_dataflow.network import INPUT, Network


def generate(network: Network) -> Design:
    """Generate the RTL project of a network.

    Raises:
        ModelError: when a layer cannot be built as folded, by its name.
    """
    for layer in network.layers:
        layer.check(network.sources(layer))
    ports = {INPUT: _input_port(network)}
    parts: list[LayerFiles] = []
    for number, layer in enumerate(network.layers):
        part = layer.generate(network.sources(layer), f"layer{number}", [ports[name] for name in layer.inputs])
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
    return Port(elements=first.takes, bits=network.input.type.bits, beats=first.input_beats(network.input))
