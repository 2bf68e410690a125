# SPDX-License-Identifier: Apache-2.0
"""What follows the sums of a matrix layer, to be priced."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from drawplate_dataflow.cost import activation as cost
from drawplate_dataflow.hardware.activation import REQUANTISER_BITS
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.requant import fit
from drawplate_dataflow.layers.matmul.blocks import Share, offsets
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan
from drawplate_dataflow.network import IntType


def activation_of(layer: Matrix, x: IntType, plan: MatMulPlan) -> cost.ActivationCost:
    """Return the units that the generator gives a layer."""
    bits, sums = layer.output.type.bits, cost.Sums(plan.accumulator, plan.units, layer.mh // plan.units)
    if layer.thresholds is None:
        return cost.offsets(sums, x.step, bits)
    if bits >= REQUANTISER_BITS:
        found = _requantiser(_Arrays(layer, x, plan.share), plan.accumulator)
        if found is not None:
            return cost.requantised(sums, bits, *found)
    return cost.thresholds(sums, bits)


@frozen(eq=False)
class _Arrays:
    """A layer whose arrays are equal only to themselves: folding keeps them, so that the search below is done once."""

    layer: Matrix
    x: IntType
    share: Share | None

    @property
    def key(self) -> tuple[int, int, IntType, tuple[int, int] | None]:
        """What decides where the thresholds of stored sums lie: of the folding, only what is in blocks."""
        in_blocks = (self.layer.pe, self.share.pes) if self.share else None
        return (id(self.layer.weights), id(self.layer.thresholds), self.x, in_blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Arrays) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=64)
def _requantiser(arrays: _Arrays, bits: int) -> tuple[int, int] | None:
    """Return the bits of factors and biases, or None where multiplication is not exact."""
    thresholds = arrays.layer.thresholds
    assert thresholds is not None
    zero = offsets(arrays.layer, arrays.x, arrays.share)
    found = fit(unsigned_thresholds(thresholds, zero, arrays.x.step, bits), bits)
    return None if found is None else (found.factor_bits, found.bias_bits)
