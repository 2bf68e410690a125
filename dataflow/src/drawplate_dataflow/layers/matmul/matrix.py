# SPDX-License-Identifier: Apache-2.0
"""The integers and the folding of a matrix layer."""

from __future__ import annotations

from attrs import field, frozen

from drawplate_dataflow.network import IntType, Layer, Memory
from drawplate_dataflow.network.network import same_array
from drawplate_dataflow.network.types import Integers


@frozen(kw_only=True)
class Matrix(Layer):
    """Matrix times vector per pixel, with thresholds.

    Output channel ``h`` of a pixel with values ``x``: ``sum(weights[:, h] * x)``; with thresholds, the code of
    the result is the number of thresholds of ``h`` that are less than or equal to that sum.
    """

    weights: Integers = field(eq=same_array)
    """[MW, MH]: inputs by outputs."""
    weight_type: IntType
    thresholds: Integers | None = field(eq=same_array, default=None)
    """[MH, N], ascending along N; None sends the sums."""
    pe: int
    """Output channels computed at once."""
    simd: int
    """Inputs multiplied at once by each processing element."""
    memory: Memory = Memory.AUTO
    dsp_pe: int = 0
    """Processing elements, the last of ``pe``, that multiply in multiplier blocks; the others in LUTs."""

    @property
    def mw(self) -> int:
        """Inputs of the matrix."""
        return int(self.weights.shape[0])

    @property
    def mh(self) -> int:
        """Outputs of the matrix."""
        return int(self.weights.shape[1])

    @property
    def sf(self) -> int:
        """Synapse fold: cycles for one group of outputs.  The last may be partly filled."""
        return -(-self.mw // self.simd)

    @property
    def nf(self) -> int:
        """Neuron fold: groups of outputs.  The last may be partly filled."""
        return -(-self.mh // self.pe)
