# SPDX-License-Identifier: Apache-2.0
"""Matrix layer: dense layers, and convolutions behind a sliding window."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np
from attrs import evolve, frozen

from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.structure import Structure
from drawplate_dataflow.layers.levels import count_reached
from drawplate_dataflow.layers.matmul.foldings import matrix_foldings, near_foldings
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import check_folding, cycles_of, plan_matmul, threshold_units
from drawplate_dataflow.layers.matmul.read import MEMORIES, STYLES, blocks_of, read_matrix
from drawplate_dataflow.layers.matmul.structure import matrix_key, matrix_structure
from drawplate_dataflow.network import LayerFolding, Memory, Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, type_name
from drawplate_dataflow.technology import Technology

EXACT_BITS = 53
"""Sums of products stay exact in float64 below 2**53, and a float64 product uses the fast matrix routines."""
REGISTERS = 4
"""Clocks of a matrix layer beside its adders and thresholds: operands, accumulator, drain, output FIFO."""
PIPELINE = 48
"""Clocks from the last word of a vector to its first result, chains of blocks excepted, at most."""
LONGEST_CHAIN = 64
"""Clocks that the longest chain of multiplier blocks takes."""


@frozen(kw_only=True)
class MatMul(Matrix):
    """Matrix times vector per pixel, with thresholds or without: FINN's MVAU."""

    operators: ClassVar[tuple[str, ...]] = ("MVAU",)
    folds: ClassVar[str] = (
        "PE outputs, SIMD inputs, with gaps where weights can be 0; weights in blocks or LUTs; PEs in multipliers"
    )
    needs: ClassVar[str] = "product tables, adders, ROMs; multiplier blocks where PEs are to use them"

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's MVAU."""
        return cls(**read_matrix(node, context))

    def evaluate(self, *sources: Integers) -> Integers:
        """Multiply, and count thresholds."""
        x = sources[0].reshape(len(sources[0]), *self.output.shape[:2], self.mw)
        bound = np.abs(self.weights).sum(axis=0).max() * max(1, int(np.abs(x).max(initial=0)))
        if bound >= 1 << EXACT_BITS:
            sums = x @ self.weights
        else:
            sums = (x.astype(np.float64) @ self.weights.astype(np.float64)).astype(np.int64)
        return sums if self.thresholds is None else self.output.type.decode(count_reached(sums, self.thresholds))

    # folding ----------------------------------------------------------------------------------------------------------

    @property
    def folding(self) -> LayerFolding:
        """PE, SIMD, where weights are kept, and what multiplies in blocks."""
        return LayerFolding(pe=self.pe, simd=self.simd, memory=self.memory, dsp_pe=self.dsp_pe)

    def folded(self, folding: LayerFolding) -> Self:
        """Return it folded otherwise."""
        sizes: dict[str, Any] = {key: value for key, value in (("pe", folding.pe), ("simd", folding.simd)) if value}
        return evolve(self, memory=folding.memory, dsp_pe=folding.dsp_pe, **sizes)

    def foldings(self, sources: Sequence[Stream], technology: Technology, multipliers: int) -> Iterator[LayerFolding]:
        """Yield divisors of the matrix, memories, and shares in blocks."""
        return matrix_foldings(self, sources[0].type, technology, multipliers)

    def near_foldings(
        self, sources: Sequence[Stream], technology: Technology, interval: int, multipliers: int
    ) -> Iterator[LayerFolding]:
        """Yield the fewest PE and SIMD for other numbers of passes, memories, and shares in blocks."""
        return near_foldings(self, sources[0].type, technology, interval, multipliers)

    def finn_attributes(self) -> Mapping[str, Any]:
        """Return PE, SIMD, ram_style, and resType where something multiplies in blocks."""
        style = {"ram_style": STYLES[self.memory]}
        blocks = {"resType": "dsp" if self.dsp_pe == self.pe else "auto"} if self.dsp_pe else {}
        return {**super().finn_attributes(), **style, **blocks}

    def own_attributes(self) -> Mapping[str, Any]:
        """Return how many processing elements multiply in blocks, where the others do not."""
        return {"dsp_pe": self.dsp_pe} if 0 < self.dsp_pe < self.pe else {}

    def folding_of(self, attributes: Mapping[str, Any]) -> LayerFolding:
        """Return the folding that FINN's attributes, and ours, say."""
        sizes = super().folding_of(attributes)
        given = int(attributes.get("dsp_pe", 0))
        return evolve(
            sizes,
            memory=MEMORIES.get(str(attributes.get("ram_style", "auto")), Memory.AUTO),
            dsp_pe=blocks_of(str(attributes.get("resType", "auto")), given, sizes.pe),
        )

    # hardware ---------------------------------------------------------------------------------------------------------

    @property
    def takes(self) -> int:
        """SIMD."""
        return self.simd

    @property
    def sends(self) -> int:
        """Results per clock: the fewest that keep up with the processing elements."""
        return threshold_units(self)

    def input_beats(self, source: Stream) -> int:
        """Return the words of all vectors; the last of each may be partly filled."""
        del source
        return self.sf * self.output.pixels

    def check(self, sources: Sequence[Stream]) -> None:
        """Refuse PE and SIMD outside of the matrix, and gaps that weights cannot fill."""
        del sources
        check_folding(self)

    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks of all folds, or of the width converters."""
        del sources
        return cycles_of(self, beats[0])

    def delay(self, source: Stream) -> Delay:
        """Return that of a vector and of the pipeline behind it."""
        del source
        stages = 2 * self.output.type.bits
        return Delay(Fraction(1, self.output.pixels), PIPELINE + stages + min(self.mw, LONGEST_CHAIN))

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """The first pass over a vector reads words as they come; later ones repeat them."""
        pixels, repeated = self.output.pixels, self.sf * (self.nf - 1)
        plan = plan_matmul(self, sources[0].type, technology)
        begins = max(came.first, came.after(1 / pixels) - self.sf)
        ends = max(begins + cycles, came.last + repeated)
        behind = plan.latency + plan.late + REGISTERS + (2 + plan.late_words) * self.output.type.bits
        return Span(begins + self.sf + behind, ends + behind + self.pe // plan.units)

    def structure(self, sources: Sequence[Stream], s_ports: Sequence[Port], technology: Technology) -> Structure:
        """Put it together."""
        return matrix_structure(self, sources[0].type, s_ports[0], technology)

    def alike(self, sources: Sequence[Stream]) -> Hashable | None:
        """Return its shape, types, folding and widths; None where the values of its arrays shape its hardware."""
        return matrix_key(self, sources[0].type)

    def facts(self) -> Mapping[str, str | int]:
        """Return the type of its weights, and its size."""
        return {"weights": type_name(self.weight_type), "rows": self.mh, "columns": self.mw}
