# SPDX-License-Identifier: Apache-2.0
"""Where a stream has several readers: a fork, and the FIFOs that keep it from blocking."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate_dataflow.hardware.items import Instance, Item, stream_wires
from drawplate_dataflow.hardware.library import FIFO, FORK
from drawplate_dataflow.hardware.module import CLOCKED, Module, stream_pins
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.schedule import branch_fifos
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.network import Network


@frozen(kw_only=True)
class Branch:
    """One way out of a fork: to an input of a layer."""

    reader: str
    side: int
    depth: int
    """Words of the FIFO on it; 0 for none."""


def forked(network: Network) -> tuple[str, ...]:
    """Return the names of the streams that have several readers, ``input`` among them."""
    return tuple(
        name for name in network.streams if sum(layer.inputs.count(name) for layer in network.readers(name)) > 1
    )


def branches(network: Network, name: str, beats: int) -> tuple[Branch, ...]:
    """Return where a stream of so many words per frame goes."""
    ends = [
        (layer, side) for layer in network.readers(name) for side, wanted in enumerate(layer.inputs) if wanted == name
    ]
    depths = branch_fifos(network, name, beats)
    return tuple(
        Branch(reader=layer.name, side=side, depth=depth) for (layer, side), depth in zip(ends, depths, strict=True)
    )


def forks(network: Network, ports: Mapping[str, Port]) -> dict[str, tuple[Branch, ...]]:
    """Return the branches of every stream that has more than one reader."""
    return {name: branches(network, name, ports[name].beats) for name in forked(network)}


def fork(port: Port, ends: tuple[Branch, ...]) -> Module:
    """Make a fork with the input stream ``s`` and the output streams ``m0``, ``m1`` ...

    Args:
        port: shape of the stream.
        ends: the branches.
    """
    sides = [f"m{at}" for at in range(len(ends))]
    heads = [f"to{at}" if end.depth else side for at, (side, end) in enumerate(zip(sides, ends, strict=True))]
    items: list[Item] = [
        item for head, end in zip(heads, ends, strict=True) if end.depth for item in stream_wires(head, port.width)
    ]
    joined = {
        f"m_{part}": f"{{{', '.join(f'{head}_{part}' for head in reversed(heads))}}}"
        for part in ("data", "valid", "ready")
    }
    items.append(Instance(FORK(BITS=port.width, N=len(ends)), "split", CLOCK | stream("s") | joined))
    for at, (head, side, end) in enumerate(zip(heads, sides, ends, strict=True)):
        if end.depth:
            kept = CLOCK | stream(head) | stream(side, "m")
            items.append(Instance(FIFO(BITS=port.width, DEPTH=end.depth), f"fifo{at}", kept))
    leaving = tuple(pin for side in sides for pin in stream_pins(side, port.width, leaves=True))
    return Module((*CLOCKED, *stream_pins("s", port.width), *leaving), tuple(items))
