# SPDX-License-Identifier: Apache-2.0
"""What a kind of layer may ask while a graph is read."""

from __future__ import annotations

from attrs import define, field

from drawplate.errors import ModelError
from drawplate_dataflow.network.nodes import Constants, Node
from drawplate_dataflow.network.stream import Stream


@define
class Context:
    """What has been read so far."""

    constants: Constants
    senders: dict[str, str]
    """Layer by tensor."""
    streams: dict[str, Stream]
    """Stream by layer."""
    pending: dict[str, Node] = field(factory=dict)
    """Depthwise windows that wait for the node behind them, by tensor."""

    def source(self, node: Node, position: int = 0) -> str:
        """Return the layer that sends an input of a node.

        Raises:
            ModelError: by the node's name, when the input is a constant.
        """
        name = node.inputs[position]
        if name not in self.senders:
            raise ModelError(f"its input {name!r} is a constant, not a stream", where=node.where)
        return self.senders[name]

    def stream(self, node: Node, position: int = 0) -> Stream:
        """Return the stream that arrives at an input of a node."""
        return self.streams[self.source(node, position)]
