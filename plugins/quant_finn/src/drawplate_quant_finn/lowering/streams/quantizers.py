# SPDX-License-Identifier: Apache-2.0
"""Quantizers of what streams: integers become codes by thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import evolve

from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.lowering.exact.functions import AtLeast, Condition, Function, Line
from drawplate_quant_finn.lowering.exact.number import ZERO, Number, approximately, negated, sign, times
from drawplate_quant_finn.lowering.exact.rounding import BEGINS
from drawplate_quant_finn.lowering.exact.thresholds import Asked, Levels, levels
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.constants import check_codes, check_scale, quantizer_settings
from drawplate_quant_finn.lowering.streams.operators import Operator, Threshold
from drawplate_quant_finn.lowering.streams.reader import Reader, max_pool, pool_first, turned
from drawplate_quant_finn.lowering.streams.value import Pooling, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto


def quantizer(reader: Reader, node: NodeProto) -> Value:
    """Quant, BipolarQuant of a stream."""
    value = reader.value(node)
    if node.name == reader.quantized_input:
        return evolve(value, node=node)  # the host sends its codes
    scales = _scales(reader, node, value)
    if node.op_type == "BipolarQuant":
        signs = {scale: [AtLeast(ZERO)] for scale in scales}
        return thresholded(value, node, Grid(1, signed=True), signs, scales, ZERO)
    signed, narrow, mode = quantizer_settings(node)
    zero, bits = (scalar(reader, node, index, what) for index, what in ((2, "zero point"), (3, "bit width")))
    if not 1 <= bits <= 8 or bits.denominator != 1:
        raise refuse(node, f"its bit width is not one number of 1..8 ({float(bits):g})", "use at most 8 bits")
    grid = Grid(int(bits), signed, narrow)
    check_codes(node, grid.low, grid.high)
    begins = [AtLeast(ZERO)] if grid.bipolar else [BEGINS[mode](code) for code in range(grid.low + 1, grid.high + 1)]
    asked = {scale: [Line(1 / scale, zero).before(begin) for begin in begins] for scale in set(scales)}
    return thresholded(value, node, grid, asked, scales, zero)


def scalar(reader: Reader, node: NodeProto, index: int, what: str) -> Fraction:
    """Return a setting of a quantizer that has to be one constant number."""
    array = reader.constants.arrays.get(node.input[index]) if len(node.input) > index else None
    if array is None or array.size == 0 or (array != array.reshape(-1)[0]).any():
        kind = "computed from what streams" if array is None else "not one number"
        raise refuse(node, f"its {what} is {kind}", f"give it one constant {what}")
    return Fraction(float(array.reshape(-1)[0]))


def _scales(reader: Reader, node: NodeProto, value: Value) -> list[Fraction]:
    if len(node.input) < 2 or node.input[1] not in reader.constants:
        raise refuse(node, "its scale is computed from activations", "give activations one constant scale per tensor")
    scale: NDArray[np.float64] = reader.constants.fraction(node.input[1])
    check_scale(node, scale)  # type: ignore[arg-type]
    return value.per_channel(scale, node, "its scale")


def thresholded(
    value: Value,
    node: NodeProto,
    grid: Grid,
    asked: Mapping[Fraction, Sequence[Condition]],
    scales: list[Fraction],
    zero: Fraction,
) -> Value:
    """Return the codes of a quantizer, its zero point taken off where it is whole."""
    import numpy as np

    ways = [1 if node.op_type == "BipolarQuant" else sign(scale) for scale in scales]
    while _falls_after_a_pool(value, ways):
        value = pool_first(value)
    pools = [part for part in value.pending if isinstance(part, Pooling)]
    functions = [part for part in value.pending if not isinstance(part, Pooling)]
    offset = int(zero) if zero.denominator == 1 else 0
    ready: dict[tuple[object, ...], Asked] = {}
    found = []
    for channel, chain in enumerate(_by_channel(functions, len(scales))):
        key = (scales[channel], *map(id, chain))
        if key not in ready:
            ready[key] = Asked.of([_before(condition, chain) for condition in asked[scales[channel]]])
        found.append(levels(ready[key], value.scale[channel], value.shift[channel]))
    source = turned(value.operator, [channel.direction for channel in found])
    codes: Operator = Threshold(
        layer=node.name,
        frame=source.frame,
        low=grid.low if grid.bipolar else grid.low - offset,
        high=grid.high if grid.bipolar else grid.high - offset,
        sources=[source],
        levels=_whole(found, source),
        borders=np.array([channel.borders for channel in found], dtype=np.float64),
        reach=np.array([_reach(*worth) for worth in zip(value.scale, value.shift, strict=True)]),
        sign=grid.bipolar,
        datatype="" if offset else grid.datatype,
    )
    for pooling in pools:
        codes = max_pool(codes, pooling)
    lost = zero if grid.bipolar else zero - offset
    return evolve(
        value,
        operator=codes,
        scale=tuple(scales),
        shift=tuple(times(negated(lost), scale) for scale in scales),
        pending=(),
        node=node,
    )


def _falls_after_a_pool(value: Value, ways: list[int]) -> bool:
    """Whether a function after a max-pool falls, the quantizer itself too: the code is not the largest of codes."""
    positions = [index for index, part in enumerate(value.pending) if isinstance(part, Pooling)]
    after = value.pending[positions[0] :] if positions else ()
    chains = _by_channel([part for part in after if not isinstance(part, Pooling)], len(value.scale))
    return bool(positions) and any(_slope(chain) * way < 0 for chain, way in zip(chains, ways, strict=True))


def _slope(chain: list[Function]) -> int:
    way = 1
    for function in chain:
        way *= function.slope
    return way


def _by_channel(functions: list[tuple[Function, ...]], channels: int) -> list[list[Function]]:
    return [[function[channel] for function in functions] for channel in range(channels)]


def _before(condition: Condition, chain: list[Function]) -> Condition:
    for function in reversed(chain):
        if isinstance(condition, bool):
            break
        condition = function.before(condition)
    return condition


def _reach(scale: Number, shift: Number) -> float:
    return abs(approximately(shift) / (approximately(scale) or 1.0))


def _whole(found: list[Levels], source: Operator) -> NDArray[np.int64]:
    """Return levels as integers of the stream: what is never reached lies one above the largest."""
    import numpy as np

    low, high = source.low, source.high + 1
    return np.array(
        [[int(min(max(level, low), high)) for level in channel.reached] for channel in found], dtype=np.int64
    )
