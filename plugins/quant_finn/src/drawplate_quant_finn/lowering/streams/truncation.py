# SPDX-License-Identifier: Apache-2.0
"""``Trunc``: a quantized sum, of which the lowest bits are dropped, as behind an average pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.graph.facts import DEFAULTS
from drawplate.input_codes import MODES, round_as, rounding_mode
from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.lowering.exact.functions import AtLeast, Line
from drawplate_quant_finn.lowering.exact.number import ZERO, added, approximately, times
from drawplate_quant_finn.lowering.exact.rounding import BEGINS
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.quantizers import thresholded
from drawplate_quant_finn.lowering.streams.reader import Reader
from drawplate_quant_finn.lowering.streams.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

MOST = 8
"""Bits of what is left."""


@frozen
class Truncation:
    """``round_mode(clip(round(x / scale) / step))`` times ``worth``: QONNX's versions 1 (without clip) and 2."""

    scale: Fraction
    step: Fraction
    worth: Fraction
    mode: str
    grid: Grid | None
    """What version 2 clips to."""

    def begins(self, code: int) -> AtLeast:
        """Return the condition on ``x / scale`` for a code of at least this one."""
        after = BEGINS[self.mode](code)
        assert isinstance(after.value, Fraction)
        border = after.value * self.step
        whole = math.floor(border) + 1 if after.open else math.ceil(border)
        return BEGINS["HALF_EVEN"](whole)

    def codes(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return codes in float32, as QONNX computes them."""
        import numpy as np

        whole = np.rint(x / np.float32(self.scale)) / np.float32(self.step)
        if self.grid is not None:
            whole = np.clip(whole, self.grid.low, self.grid.high)
        codes: NDArray[np.float32] = round_as(self.mode)(whole)
        return codes


def read_truncation(node: NodeProto, arrays: Mapping[str, Any]) -> Truncation:
    """Read the settings of a node.

    Raises:
        ModelError: for what is not one constant number, a zero point, or an unknown rounding mode.
    """
    found = [arrays.get(name) for name in node.input[1:]]
    if len(found) not in {4, 5} or any(array is None or array.size != 1 for array in found):
        raise refuse(node, "its settings are not one constant number each", "export the model again")
    numbers = [Fraction(float(array.reshape(-1)[0])) for array in found if array is not None]
    said = attribute(node, "rounding_mode", DEFAULTS["Trunc"]["rounding_mode"])
    mode = rounding_mode(said.decode() if isinstance(said, bytes) else str(said))
    if mode not in MODES:
        raise refuse(node, f"rounding_mode is {mode!r}", f"use one of ROUND, {', '.join(MODES)}")
    scale, zero, bits = numbers[:3]
    if zero or scale <= 0:
        raise refuse(node, "it has a zero point, or a scale that is not above 0", "use a zero point of 0")
    if len(numbers) == 4:
        return Truncation(scale, Fraction(2) ** int(bits - numbers[3]), scale, mode, None)
    worth, left = numbers[3:]
    signed, narrow = (bool(attribute(node, name, default)) for name, default in (("signed", 1), ("narrow", 0)))
    step = Fraction(2) ** round(math.log2(worth / scale))
    return Truncation(scale, step, worth, mode, Grid(int(left), signed, narrow))


def truncation(reader: Reader, node: NodeProto) -> Value:
    """Trunc of a stream: thresholds, as for any quantizer."""
    value, given = reader.value(node), read_truncation(node, reader.constants.arrays)
    grid = given.grid or _grid(value, given)
    if grid.bits > MOST:
        raise refuse(node, f"it leaves {grid.bits} bits", f"drop more, so that at most {MOST} bits are left")
    channels = len(value.scale)
    asked = [Line(1 / given.scale).before(given.begins(code)) for code in range(grid.low + 1, grid.high + 1)]
    return thresholded(value, node, grid, {given.worth: asked}, [given.worth] * channels, ZERO)


def _grid(value: Value, given: Truncation) -> Grid:
    """Return the grid that holds whatever is left of a value that has no function pending."""
    ends = [
        approximately(added(times(scale, Fraction(end)), shift)) / float(given.scale * given.step)
        for scale, shift in zip(value.scale, value.shift, strict=True)
        for end in (value.operator.low, value.operator.high)
    ]
    low, high = math.floor(min(ends)) - 1, math.ceil(max(ends)) + 1
    if min(ends) > -0.5:
        return Grid(max(1, high.bit_length()), signed=False)
    return Grid(1 + max(high.bit_length(), (-low - 1).bit_length()), signed=True)
