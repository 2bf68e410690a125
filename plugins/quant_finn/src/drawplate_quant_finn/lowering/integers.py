# SPDX-License-Identifier: Apache-2.0
"""The integers of a lowered model, by tensor: what its golden model computes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import define

from drawplate_dataflow.network import golden
from drawplate_dataflow.reading import Reading, reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

    Tensor = NDArray[np.float64]


@define
class LoweredIntegers:
    """A lowered model that runs in whole numbers."""

    read: Reading
    input: str
    """Tensors of the model."""
    output: str

    @classmethod
    def of(cls, proto: ModelProto) -> LoweredIntegers:
        """Read a lowered model."""
        return cls(reading(proto), proto.graph.input[0].name, proto.graph.output[0].name)

    @property
    def batch(self) -> int:
        """Items that are run at a time."""
        return golden.batch(self.read.network)

    def values(self, codes: NDArray[Any], tensors: Iterable[str]) -> dict[str, Tensor]:
        """Return what tensors hold, the codes of the input as they are, for one batch of these.

        Args:
            codes: shape (n, ...), as the model takes them.
            tensors: names; what a layer sends is [n, height, width, channels], the model's output [n, outputs].
        """
        import numpy as np

        network = self.read.network
        senders = {name: self.read.senders[name] for name in tensors if name != self.input}
        whole = np.asarray(codes).astype(np.int64)
        found = golden.run_all(network, network.frames(whole), keep={*senders.values(), network.layers[-1].name})
        values = {name: found[sender].astype(np.float64) for name, sender in senders.items()}
        if self.output in values:
            values[self.output] = network.scaled(found[senders[self.output]])
        return {**values, self.input: whole.astype(np.float64)}
