# SPDX-License-Identifier: Apache-2.0
"""What a target puts around a network on a board, by what it takes: a network that fits alone need not fit with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from drawplate import Board
from drawplate_dataflow.hardware import Port
from drawplate_dataflow.hardware.entering import entering
from drawplate_dataflow.host.port import PortLimit
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.resources import Resources

WRAPPER: Final = "wrapper"
"""Name of its row among those of layers."""


class Wrapper(Protocol):
    """Converters of widths, counters, engines: in parts that depend on one side of the network each."""

    def comes(self, port: Port) -> Resources:
        """Return what leads frames to words of such a port, and all that does not depend on the network."""

    def goes(self, port: Port) -> Resources:
        """Return what leads results away from words of such a port."""


MakeWrapper = Callable[[Board, PortLimit], Wrapper]
"""Makes the wrapper of a board whose frames come and go by such a port."""


def ports(network: Network) -> tuple[Port, Port]:
    """Return the ports by which a folded network's frames come and results leave."""
    first, last = network.readers(INPUT)[0], network.layers[-1]
    return entering(network.input, first), Port.of(last.output, last.sends)


def around(wrapper: Wrapper | None, network: Network) -> dict[str, Resources]:
    """Return what a folded network's wrapper takes, under the name of its row; nothing where there is none."""
    if wrapper is None:
        return {}
    came, left = ports(network)
    return {WRAPPER: wrapper.comes(came) + wrapper.goes(left)}
