# SPDX-License-Identifier: Apache-2.0
"""The parts of a fork, where a stream has several readers."""

from __future__ import annotations

from collections.abc import Iterator

from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.hardware.fork import branches
from drawplate_dataflow.network import Network


def forked(network: Network) -> tuple[str, ...]:
    """Return the names of the streams that have several readers, ``input`` among them."""
    return tuple(
        name for name in network.streams if sum(layer.inputs.count(name) for layer in network.readers(name)) > 1
    )


def fork_parts(network: Network, name: str, sends: int) -> Iterator[Part]:
    """Yield the fork of a stream and its FIFOs.

    Args:
        network: the network.
        name: of the stream.
        sends: elements of one of its words.
    """
    stream = network.streams[name]
    ends = branches(network, name, stream.elements // sends)
    bits = sends * stream.type.bits
    yield part("dp_fork", {"BITS": bits, "N": len(ends)})
    yield from (part("dp_fifo", {"BITS": bits, "DEPTH": end.depth}) for end in ends if end.depth)
