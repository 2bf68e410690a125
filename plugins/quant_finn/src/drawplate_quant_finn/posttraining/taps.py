# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Values of a model on the way, in batches that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from drawplate.torch import OnnxModule
from drawplate_quant_finn.training.torch_ops import handlers

if TYPE_CHECKING:
    from onnx import ModelProto

BATCH: Final = 64


class Taps:
    """Runs a model on calibration items.

    Args:
        proto: the model, float or quantized.
        items: what it is fed, float32 (n, ...).
    """

    def __init__(self, proto: ModelProto, items: Tensor) -> None:
        self.module, self.items = OnnxModule(proto, handlers()).eval(), items
        self._given = proto.graph.input[0].name
        self._inputs = {node.name: node.input[0] for node in proto.graph.node if node.input}

    def values(self, name: str) -> Iterator[Tensor]:
        """Yield the batches of a value."""
        if name == self._given:
            yield from torch.split(self.items, BATCH)
            return
        for batch in torch.split(self.items, BATCH):
            with torch.no_grad():  # not around the yield: whoever asks decides for himself
                value = self.module.forward_with(batch, [name])[1][name]
            yield value

    def inputs(self, layer: str) -> Iterator[Tensor]:
        """Yield the batches of what a node takes first."""
        yield from self.values(self._inputs[layer])
