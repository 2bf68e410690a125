# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Quantizers whose bit width is trained: Brevitas' parametrisation, with the range kept and its steps made finer.

The width is a number that is rounded on its way forward and passes its gradient on (``BitWidthParameter`` of Brevitas,
and ``round_ste`` of it).  The range that a scale means at the width it was given for stays; the scale follows from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from attrs import define
from torch import Tensor, nn

from drawplate.torch import Handlers, Node, Op
from drawplate_quant_finn.bits.widths import LEAST, MOST, groups, width_of
from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.training.straight_through import Round, round_through
from drawplate_quant_finn.training.torch_ops import SMALLEST_SCALE, handlers, quant

if TYPE_CHECKING:
    from onnx import ModelProto


PACE = 16.0
"""Bits per unit of the trained number, a power of two: a width comes that much further than a weight."""


@define(eq=False)
class Width:
    """The width of one gene: quantizers that share a scale share it."""

    name: str
    value: nn.Parameter
    """The width divided by :data:`PACE`."""
    given: int
    least: int
    most: int
    settled: bool = False
    """Whether it is trained no longer."""

    @property
    def bits(self) -> Tensor:
        """The width between whole numbers, with its gradient."""
        return self.value * PACE

    def put(self, bits: float) -> None:
        """Set the width, within its limits."""
        self.value.data.fill_(min(max(bits, self.least), self.most) / PACE)

    def rounded(self) -> Tensor:
        """Return the whole number of bits, with the gradient of the trained one."""
        if self.settled:
            return self.bits.detach().round()
        return round_through(self.bits.clamp(self.least, self.most))

    def whole(self) -> int:
        """Return the number of bits."""
        return int(self.bits.detach().clamp(self.least, self.most).round())


class LearnedQuantizer(nn.Module):
    """One quantizer of a trained width."""

    def __init__(self, width: Width, *, signed: bool, narrow: bool, weights: bool, trained: bool) -> None:
        super().__init__()
        self.bits, self.width = width.value, width
        self.signed, self.narrow, self.weights, self.trained = signed, narrow, weights, trained

    def forward(self, x: Tensor, scale: Tensor) -> Tensor:
        """Return ``x`` on the grid of the present width."""
        if self.trained and self.training:
            scale.data.clamp_(min=SMALLEST_SCALE)
        if not self.trained:
            scale = scale.detach()
        bits = self.width.rounded()
        high, low = self._high(bits), self._low(int(bits.detach()))
        largest = float(high.detach())
        if self.trained:  # Esser et al.: the scale learns as fast as the weights; the width has its own gradient
            factor = 1 / math.sqrt(x.numel() / scale.numel() * largest)
            scale = scale * factor + (scale * (1 - factor)).detach()
        step = scale * (self._high(torch.tensor(float(self.width.given))) / high)
        return Round.apply(x, step, low, largest, 1.0, True)  # type: ignore[no-any-return, no-untyped-call]

    def _high(self, bits: Tensor) -> Tensor:
        return 2.0 ** (bits - 1) - 1 if self.signed else 2.0**bits - 1 - int(self.narrow)

    def _low(self, bits: int) -> float:
        return float(-(2 ** (bits - 1)) + int(self.narrow)) if self.signed else 0.0


def widths(proto: ModelProto, least: int, most: int) -> dict[str, Width]:
    """Return the widths that may be trained, by the name of each quantizer.

    Args:
        proto: a QONNX model, named.
        least: bits.
        most: bits.
    """
    graph, found = Graph(proto), dict[str, Width]()
    for nodes in groups(graph):
        given = width_of(graph, nodes[0])
        value = nn.Parameter(torch.tensor(given / PACE))
        width = Width(f"{nodes[0].name}.bits", value, given, max(least, LEAST), min(most, MOST))
        found |= {node.name: width for node in nodes}
    return found


def learned_handlers(named: Mapping[str, Width]) -> Handlers:
    """Return handlers with which the quantizers named have trained widths, and all others what they have."""

    def handler(node: Node) -> Op:
        width = named.get(node.name)
        if width is None:
            return quant(node)
        signed, narrow = (bool(node.attribute(key, usual)) for key, usual in (("signed", 1), ("narrow", 0)))
        weights, trained = node.constant(0) is not None, node.constant(1) is not None
        call = LearnedQuantizer(width, signed=signed, narrow=narrow, weights=weights, trained=trained)
        return Op(call, static=(2, 3), detached=() if trained else (1,))

    return {key: handler if key[1] == "Quant" else found for key, found in handlers().items()}
