# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolution: a window and a row of weights per channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd
from typing import Any, ClassVar, Self

import numpy as np
from attrs import asdict, evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.structure import Structure
from drawplate_dataflow.layers.depthwise.structure import depthwise_structure
from drawplate_dataflow.layers.levels import count_reached
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import plan_matmul, threshold_units
from drawplate_dataflow.layers.matmul.read import activated, weights_of
from drawplate_dataflow.layers.windows import Pair, Windows
from drawplate_dataflow.network import LayerFolding, Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.network.folding import divisors
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, type_name
from drawplate_dataflow.technology import Technology

REGISTERS = 5
"""Clocks beside adders and thresholds: row memory, operands, accumulator, drain, output FIFO."""
PIPELINE = 48
"""Clocks from the last number of a window to its first result, at most."""


@frozen(kw_only=True)
class Depthwise(Matrix):
    """Sums of products within each channel of a window, with thresholds or without: FINN's VVAU behind its window.

    It multiplies as a matrix layer does whose inputs are the numbers of a window, one at a time (``simd`` is 1), and
    whose outputs are the channels; each channel has inputs of its own.
    """

    operators: ClassVar[tuple[str, ...]] = ("VVAU",)
    folds: ClassVar[str] = "PE: a divisor of the channels"
    needs: ClassVar[str] = "a memory with a clocked read port, product tables, adders, ROMs"

    kernel: Pair
    """Rows and columns of a window."""
    stride: Pair
    """Rows and columns between two windows."""
    dilation: Pair = (1, 1)
    """Rows and columns between two numbers of a window."""

    @property
    def windows(self) -> Windows:
        """Where they lie."""
        return Windows(kernel=self.kernel, stride=self.stride, dilation=self.dilation)

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's VVAU behind a depthwise window."""
        window = context.pending.pop(node.inputs[0], None)
        if window is None:
            raise ModelError("reads no depthwise window", where=node.where)
        source, windows = context.stream(node), Windows.read(window)
        stored, weight_type = weights_of(node, context)
        if stored.size != windows.size * source.channels:
            raise ModelError(
                f"{stored.size} weights do not fit {source.channels} channels and windows of {windows.size}",
                where=node.where,
            )
        weights = stored.reshape(source.channels, -1).T
        thresholds, kind = activated(node, context, weights, source.type)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=Stream(shape=(*windows.over(source, node), source.channels), type=kind),
            weights=weights,
            weight_type=weight_type,
            thresholds=thresholds,
            pe=node.integer("PE", 1),
            simd=1,
            **asdict(windows),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Multiply and add up within channels, and count thresholds."""
        found = self.windows.of(sources[0])
        sums = np.zeros((*found.shape[:3], self.mh), np.int64)
        for at, (row, column) in enumerate(np.ndindex(*self.kernel)):
            sums += found[:, :, :, row, column] * self.weights[at]
        return sums if self.thresholds is None else self.output.type.decode(count_reached(sums, self.thresholds))

    # folding ----------------------------------------------------------------------------------------------------------

    @property
    def folding(self) -> LayerFolding:
        """Channels at once."""
        return LayerFolding(pe=self.pe)

    def folded(self, folding: LayerFolding) -> Self:
        """Return it folded otherwise."""
        return evolve(self, pe=folding.pe or self.pe)

    def foldings(self, sources: Sequence[Stream], technology: Technology, multipliers: int) -> Iterator[LayerFolding]:
        """Yield divisors of the channels; weights are never constants in the logic."""
        del sources, technology, multipliers
        yield from (LayerFolding(pe=pe) for pe in self._allowed)

    @property
    def _allowed(self) -> list[int]:
        return [pe for pe in divisors(self.mh) if self.mw > 1 or pe < self.mh]

    # hardware ---------------------------------------------------------------------------------------------------------

    @property
    def takes(self) -> int:
        """PE."""
        return self.pe

    @property
    def sends(self) -> int:
        """Results per clock: the fewest that keep up with the windows."""
        return threshold_units(self)

    def input_beats(self, source: Stream) -> int:
        """Return the words of PE channels."""
        return source.elements // self.pe

    def check(self, sources: Sequence[Stream]) -> None:
        """Refuse PE that do not divide the channels."""
        del sources
        if self.pe not in self._allowed:
            raise ModelError(
                f"PE = {self.pe} does not divide the {self.mh} channels",
                where=f"layer {self.said}",
                allowed=map(str, self._allowed),
            )

    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks of all windows, or of the width converters."""
        moved = self.output.pixels * self.sf * self.nf
        return max(moved, sources[0].elements // gcd(beats[0], self.pe))

    def delay(self, source: Stream) -> Delay:
        """Return that of its windows, and of the pipeline behind them."""
        stages = 2 * self.output.type.bits
        pixel = Fraction(1, self.output.pixels)
        return Delay(self.windows.delay(source.shape[0]) + pixel, PIPELINE + stages)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """Return that of its windows, and of the pipeline behind them."""
        del cycles
        plan = plan_matmul(self, sources[0].type, technology)
        sent = self.windows.span(sources[0], came, self.output.pixels * self.sf * self.nf)
        behind = plan.latency + REGISTERS + (2 + plan.late_words) * self.output.type.bits
        return Span(sent.first + self.sf + behind, sent.last + behind + self.pe // plan.units)

    def structure(self, sources: Sequence[Stream], s_ports: Sequence[Port], technology: Technology) -> Structure:
        """Put it together."""
        self.check(sources)
        beats = [port.elements for port in s_ports]
        ring = self.windows.ring(sources[0], self.pe, "y", per_word=True)
        return depthwise_structure(self, ring, sources[0], s_ports[0], self.cycles(sources, beats), technology)

    def facts(self) -> dict[str, Any]:
        """Return the type of its weights, and the size of its windows."""
        return {"weights": type_name(self.weight_type), "rows": self.mh, "columns": self.mw}
