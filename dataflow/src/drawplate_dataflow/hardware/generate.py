# SPDX-License-Identifier: Apache-2.0
"""From a network to an RTL project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field

from drawplate_dataflow.hardware.design import Design, LayerDesign, summary
from drawplate_dataflow.hardware.entering import entering
from drawplate_dataflow.hardware.fork import fork, forks
from drawplate_dataflow.hardware.library import PROBE
from drawplate_dataflow.hardware.module import Module, ModuleCell
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.structure import Facts, Structure
from drawplate_dataflow.hardware.top import TOP, Placed, top
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.technology import Rom, Technology


def generate(network: Network, technology: Technology) -> Design:
    """Generate the RTL project of a network.

    Args:
        network: the folded network.
        technology: device family that it is for.

    Raises:
        ModelError: when a layer cannot be built as folded, by its name.
    """
    for layer in network.layers:
        layer.check(network.sources(layer))
    network.check_words()
    project, ports, placed = _Project(technology), {INPUT: entering(network.input, network.readers(INPUT)[0])}, []
    for number, layer in enumerate(network.layers):
        s_ports = [ports[name] for name in layer.inputs]
        made = layer.structure(network.sources(layer), s_ports, technology)
        ports[layer.name] = made.m_port
        cell = project.add(f"layer{number}", layer.name, layer.kind, s_ports, made)
        placed.append(Placed(name=layer.name, cell=cell, inputs=layer.inputs, m_port=made.m_port))
    records, splits = tuple(project.records), []
    for number, (name, ends) in enumerate(forks(network, ports).items()):
        port = ports[name]
        made = Structure(module=fork(port, ends), m_port=port, cycles=port.beats, facts=Facts())
        cell = project.add(f"fork{number}", f"{name}_fork", "Fork", [port], made)
        splits.append(Placed(name=name, cell=cell, m_port=port, branches=ends))
    simulated = {PROBE.file: PROBE.source(technology), **technology.models}
    whole = {f"{TOP}.v": top(placed, splits, ports[INPUT]).text(TOP).encode()}
    design = Design(
        files=(files := {**project.library(), **project.files, **whole, **simulated}),
        layers=records,
        forks=tuple(project.records[len(records) :]),
        s_port=ports[INPUT],
        m_port=ports[network.layers[-1].name],
        network=network,
        technology=technology,
        modules=project.modules,
        models=tuple(technology.models),
    )
    files["design.json"] = summary(design)
    return design


@define
class _Project:
    """Files and records of modules, as they are added."""

    technology: Technology
    files: dict[str, bytes] = field(factory=dict)
    modules: dict[str, Module] = field(factory=dict)
    records: list[LayerDesign] = field(factory=list)

    def add(self, name: str, layer: str, kind: str, s_ports: Sequence[Port], made: Structure) -> ModuleCell:
        """Write a module, and note what is known about it."""
        module, technology = made.module, self.technology
        files: dict[str, bytes] = {}
        contents: list[str] = []
        roms: list[Rom] = []
        for part in module.definitions():
            own = part.files(name, technology)
            files |= own
            if (memory := part.contents(name)) is not None:
                contents += own
                roms.append(memory)
        files[f"{name}.v"] = module.text(name).encode()
        self.files |= files
        self.modules[name] = module
        library = (used.file for used in module.library())
        self.records.append(
            LayerDesign(
                name=layer,
                kind=kind,
                module=name,
                sources=(*library, *(file for file in files if file.endswith(".v"))),
                contents=tuple(contents),
                roms=tuple(roms),
                s_ports=tuple(s_ports),
                m_port=made.m_port,
                cycles=made.cycles,
                facts=made.facts,
                resources=module.price(technology),
            )
        )
        return ModuleCell(module, name)

    def library(self) -> Mapping[str, bytes]:
        """Return the library files that all of it uses."""
        used = {part.file: part for module in self.modules.values() for part in module.library()}
        return {file: used[file].source(self.technology) for file in sorted(used)}
