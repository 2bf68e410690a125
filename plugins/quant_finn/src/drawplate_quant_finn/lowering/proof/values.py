# SPDX-License-Identifier: Apache-2.0
"""What quantizers make of float32, and what integers stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.input_codes import round_as
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.lowering.network import Lowering, QuantizedValue
from drawplate_quant_finn.lowering.streams.constants import quantizer_settings
from drawplate_quant_finn.lowering.streams.truncation import read_truncation
from drawplate_quant_finn.lowering.streams.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def settings(quantizer: QuantizedValue, lowering: Lowering) -> tuple[Any, float, Grid, str]:
    """Return scale, zero point, grid and rounding mode of a quantizer."""
    arrays, node = lowering.constants.arrays, quantizer.node
    scale = arrays[node.input[1]]
    if node.op_type == "BipolarQuant":
        return scale, 0.0, Grid(1, signed=True), "HALF_EVEN"
    zero, bits = (float(arrays[name].reshape(-1)[0]) for name in node.input[2:4])
    signed, narrow, mode = quantizer_settings(node)
    return scale, zero, Grid(int(bits), signed, narrow), mode


def offset(zero: float, grid: Grid) -> int:
    """Return what is taken off a code to give the lowered model's integer."""
    return int(zero) if zero.is_integer() and not grid.bipolar else 0


def float_codes(quantizer: QuantizedValue, lowering: Lowering, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what QONNX's quantizer makes of float32 values, as the lowered model's integers."""
    import numpy as np

    if quantizer.node.op_type == "Trunc":
        return read_truncation(quantizer.node, lowering.constants.arrays).codes(x)
    scale, zero, grid, mode = settings(quantizer, lowering)
    if quantizer.node.op_type == "BipolarQuant":
        return np.where(x >= 0, np.float32(1), np.float32(-1))
    with np.errstate(over="ignore"):  # what overflows is clipped
        ratio = x / np.asarray(scale, np.float32)
    ratio = ratio + np.float32(zero) if zero else ratio
    if grid.bipolar:
        return np.where(ratio >= 0, np.float32(1), np.float32(-1))
    codes: NDArray[np.float32] = round_as(mode)(np.clip(ratio, grid.low, grid.high))
    return codes - np.float32(offset(zero, grid))


@frozen
class Worth:
    """Scale and shift of a value's integers, of shapes that broadcast against one item."""

    scale: NDArray[Any]
    """Fractions."""
    shift: NDArray[Any]
    scales: NDArray[np.float64]
    """As float64."""
    shifts: NDArray[np.float64]

    @classmethod
    def of(cls, value: Value) -> Worth:
        """Read them off a value; looking at every fraction takes a while."""
        import numpy as np

        found = []
        for numbers in (value.scale, value.shift):
            each = np.empty(len(numbers), dtype=object)
            each[:] = numbers
            same = all(number == numbers[0] for number in numbers)
            found.append(each[:1].reshape(()) if same else each[value.place % value.frame[2]])
        return cls(*found, *(part.astype("float64") for part in found))

    def values(self, whole: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return what integers stand for, in float32."""
        return (whole * self.scales + self.shifts).astype("float32")
