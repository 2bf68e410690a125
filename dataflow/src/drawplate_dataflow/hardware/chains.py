# SPDX-License-Identifier: Apache-2.0
"""Carry chains of processing elements: a placer takes positions beside their bits, to enter and to leave them."""

from __future__ import annotations

from drawplate_dataflow.hardware.constant import UnrolledDot
from drawplate_dataflow.hardware.element import Element
from drawplate_dataflow.hardware.fork import forked
from drawplate_dataflow.hardware.items import Cell, Instance, Items, Repeated, Section
from drawplate_dataflow.hardware.module import ModuleCell
from drawplate_dataflow.hardware.netlist import AddCell, Netlist
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.technology import Technology


def carry_chains(network: Network, technology: Technology) -> int:
    """Return the adders of all processing elements of a folded network, each a chain.

    Raises:
        ModelError: when a folding cannot be built.
    """
    sends, total = {INPUT: network.readers(INPUT)[0].takes}, 0
    for layer in network.layers:
        sources = network.sources(layer)
        ports = [
            Port(elements=sends[name], bits=source.type.bits, beats=source.elements // sends[name])
            for name, source in zip(layer.inputs, sources, strict=True)
        ]
        total += _of_items(layer.structure(sources, ports, technology).module.items)
        sends[layer.name] = layer.sends
    return total


def units(network: Network) -> int:
    """Return how many layers and forks a network has, each with comparators and counters of its own."""
    return len(network.layers) + len(forked(network))


def _of_items(items: Items) -> int:
    total = 0
    for item in items:
        if isinstance(item, Instance):
            total += _of_cell(item.cell)
        elif isinstance(item, Section):
            total += _of_items(item.items())
        elif isinstance(item, Repeated) and item.count:
            total += item.count * _of_items(item.items(0))
    return total


def _of_cell(cell: Cell) -> int:
    if isinstance(cell, ModuleCell):
        return _of_items(cell.module.items)
    if isinstance(cell, Element):
        return _adders(cell.dot.netlist)
    return _adders(cell.netlist) if isinstance(cell, UnrolledDot) else 0


def _adders(net: Netlist) -> int:
    return sum(isinstance(cell, AddCell) for cell in net.cells)
