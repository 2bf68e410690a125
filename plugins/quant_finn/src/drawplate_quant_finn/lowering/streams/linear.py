# SPDX-License-Identifier: Apache-2.0
"""Convolutions and matrix products: sums of integers times whole weights."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.exact.number import ONE, ZERO, Number, added, times
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.layout import bordered
from drawplate_quant_finn.lowering.streams.operators import Depthwise, Linear, Operator, Window
from drawplate_quant_finn.lowering.streams.reader import Reader
from drawplate_quant_finn.lowering.streams.value import Value, equal, image_places
from drawplate_quant_finn.lowering.streams.windows import check_image, in_shape_of, read_window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

BITS = 8
"""Of weights and of what they are multiplied with."""


@frozen
class _Weights:
    """Whole weights, input first, and the scale of each output."""

    whole: NDArray[np.int64]
    scale: list[Fraction]


def convolution(reader: Reader, node: NodeProto) -> Value:
    """Conv: over one dimension or two, of one group, depthwise, or of groups (a matrix with zeros between them)."""
    import numpy as np

    source = _input(reader, node)
    codes = _weight_codes(reader, node)
    groups, channels = attribute(node, "group", 1), source.place.shape[0] if source.place.ndim else 0
    whole, scale = codes.whole, codes.scale
    if whole.ndim != source.place.ndim + 1 or whole.shape[1] * groups != channels or whole.shape[0] % groups:
        raise refuse(node, f"weights of shape {list(whole.shape)} do not fit {channels} channels", "check the model")
    check_image(node, source, list(whole.shape[2:]))
    window, pads = read_window(node, source, list(whole.shape[2:]))
    value = bordered(source, pads, node)
    outputs = whole.shape[0]
    frame = (*window.over(value.frame), outputs)
    scales = _output_scales(node, scale, 0)
    if 1 < groups == channels == outputs:
        made = _depthwise(node, value, _Weights(whole.reshape(outputs, -1).T, scales), window)
    else:
        whole = whole if groups == 1 else _between_groups(whole, groups)
        flat = np.moveaxis(whole, 1, -1).reshape(outputs, -1).T  # rows, columns, channels; then outputs
        slides = window if window != Window(kernel=(1, 1)) else None
        made = _product(node, value, _Weights(flat, scales), frame, window=slides, repeats=window.size)
    made = in_shape_of(source, evolve(made, place=image_places(frame)))
    return _with_bias(reader, node, made, index=2)


def _between_groups(whole: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Return the weights of a grouped convolution as those of one group: zeros for the channels of other groups."""
    import numpy as np

    outputs, depth = whole.shape[0] // groups, whole.shape[1]
    found = np.zeros((whole.shape[0], depth * groups, *whole.shape[2:]), np.int64)
    for group in range(groups):
        rows = slice(group * outputs, (group + 1) * outputs)
        found[rows, group * depth : (group + 1) * depth] = whole[rows]
    return found


def _depthwise(node: NodeProto, value: Value, weights: _Weights, window: Window) -> Value:
    """Multiply within each channel, whose scale is its own."""
    frame = (*window.over(value.frame), value.frame[2])
    low, high = product_range(weights.whole, value.operator)
    product = Depthwise(
        layer=node.name, frame=frame, low=low, high=high, sources=[value.operator], weights=weights.whole, window=window
    )
    sums = [int(total) for total in weights.whole.sum(axis=0)]
    shift = tuple(
        times(times(old, Fraction(total)), scale)
        for old, total, scale in zip(value.shift, sums, weights.scale, strict=True)
    )
    scale = tuple(times(old, scale) for old, scale in zip(value.scale, weights.scale, strict=True))
    return evolve(value, operator=product, frame=frame, scale=scale, shift=shift, node=node)


def gemm(reader: Reader, node: NodeProto) -> Value:
    """Gemm: alpha * x @ w + beta * c."""
    if attribute(node, "transA", 0):
        raise refuse(node, "it turns what streams", "use transA = 0")
    made = _dense(reader, node, turned=bool(attribute(node, "transB", 0)))
    alpha, beta = (Fraction(float(attribute(node, name, 1.0))) for name in ("alpha", "beta"))
    scale, shift = (tuple(times(number, alpha) for number in part) for part in (made.scale, made.shift))
    return _with_bias(reader, node, evolve(made, scale=scale, shift=shift), index=2, factor=beta)


def matmul(reader: Reader, node: NodeProto) -> Value:
    """MatMul by weights."""
    if node.input[0] in reader.constants:
        raise refuse(node, "its first factor is constant", "multiply what streams by weights: x @ w")
    if node.input[1] not in reader.constants:
        raise refuse(node, "it multiplies two streams", "multiply by constants only")
    return _dense(reader, node, turned=False)


def _dense(reader: Reader, node: NodeProto, *, turned: bool) -> Value:
    import numpy as np

    value = _input(reader, node)
    codes = _weight_codes(reader, node)
    if codes.whole.ndim != 2:
        raise refuse(node, f"its weights have the shape {list(codes.whole.shape)}", "use a matrix")
    whole, scale = (codes.whole.T, codes.scale.T) if turned else (codes.whole, codes.scale)
    if whole.shape[0] != value.place.shape[-1]:
        sizes = f"{whole.shape[0]} weights per output do not fit {value.place.shape[-1]} inputs"
        raise refuse(node, sizes, "check the model")
    scales, outputs = _output_scales(node, scale, 1), whole.shape[1]
    height, width, channels = value.frame
    if value.place.ndim == 1:
        order = np.argsort(value.place)
        return _product(
            node, value, _Weights(whole[order], scales), (1, 1, outputs), repeats=height * width, vector=True
        )
    pixels = value.place.reshape(-1, value.place.shape[-1])
    if not np.array_equal(pixels, np.arange(value.place.size).reshape(-1, channels)):
        raise refuse(
            node, f"it multiplies rows of a value of shape {[1, *value.place.shape]}", "put a Flatten before it"
        )
    made = _product(node, value, _Weights(whole, scales), (height, width, outputs))
    return evolve(made, place=np.arange(height * width * outputs).reshape(*value.place.shape[:-1], outputs))


def _input(reader: Reader, node: NodeProto) -> Value:
    reader.value(node)
    value = reader.settled(node.input[0])
    source = value.operator
    if isinstance(source, Linear):
        raise refuse(node, "its input is not quantized", "put a Quant node before it, or use step 'quantize'")
    if _bits(source.low, source.high) > BITS:
        raise refuse(
            node,
            f"its input takes {_bits(source.low, source.high)} bits",
            f"put a Quant node of at most {BITS} bits before it",
        )
    return value


def _weight_codes(reader: Reader, node: NodeProto) -> Any:
    name = node.input[1]
    if name not in reader.constants:
        raise refuse(node, "it multiplies two streams", "multiply by constants only")
    codes = reader.constants.codes.get(name)
    if name in reader.constants.fractions:
        raise refuse(node, "the zero point of its weights is no whole number", "use a zero point of 0")
    if codes is None:
        raise refuse(node, "its weights are not quantized", "put a Quant node behind them, or use step 'quantize'")
    return codes


def _output_scales(node: NodeProto, scale: NDArray[np.float32], axis: int) -> list[Fraction]:
    import numpy as np

    rows = np.moveaxis(scale, axis, 0).reshape(scale.shape[axis], -1)
    if np.any(rows != rows[:, :1]):
        raise refuse(
            node,
            "the scale of its weights differs between the inputs of one output",
            "give weights one scale, or one per output channel",
        )
    return [Fraction(float(row[0])) for row in rows]


def _product(  # noqa: PLR0913 - what a layer is
    node: NodeProto,
    value: Value,
    weights: _Weights,
    frame: tuple[int, int, int],
    *,
    window: Window | None = None,
    repeats: int = 1,
    vector: bool = False,
) -> Value:
    """Multiply, with a common unit for the scales of the inputs.

    Args:
        node: the layer.
        value: what it multiplies.
        weights: rows in the order in which the input's numbers come, channels fastest.
        frame: of what it gives.
        window: that slides over the input.
        repeats: how often the channels of the input come in a row of inputs.
        vector: whether all pixels are read at once.
    """
    import numpy as np

    unit, factors = _common_unit(node, value)
    whole = weights.whole * np.tile(np.asarray(factors, dtype=np.int64), repeats)[:, None]
    if _bits(int(whole.min(initial=0)), int(whole.max(initial=0))) > BITS:
        raise refuse(
            node,
            f"its weights need {_bits(int(whole.min()), int(whole.max()))} bits, zero point and scales of its input "
            "included",
            f"use at most {BITS} bits, a zero point of 0, and one scale for all channels of its input",
        )
    low, high = product_range(whole, value.operator)
    product = Linear(
        layer=node.name,
        frame=frame,
        low=low,
        high=high,
        sources=[value.operator],
        weights=whole,
        window=window,
        vector=vector,
    )
    scale = tuple(times(unit, s) for s in weights.scale)
    shift = _shifted(value, weights, repeats)
    return Value(
        operator=product,
        frame=frame,
        place=np.arange(frame[0] * frame[1] * frame[2]),
        scale=scale,
        shift=shift,
        node=node,
    )


def product_range(weights: NDArray[np.int64], source: Operator) -> tuple[int, int]:
    """Return the smallest and the largest sum of any output."""
    import numpy as np

    ends = np.stack([weights * source.low, weights * source.high])
    return int(ends.min(axis=0).sum(axis=0).min()), int(ends.max(axis=0).sum(axis=0).max())


def _shifted(value: Value, weights: _Weights, repeats: int) -> tuple[Number, ...]:
    """Return what the shifts of the inputs give each output."""
    if value.unshifted:
        return (ZERO,) * len(weights.scale)
    sums = weights.whole.reshape(repeats, value.frame[2], -1).sum(axis=0)
    found = []
    for output, scale in enumerate(weights.scale):
        total: Number = ZERO
        if all(equal(shift, value.shift[0]) for shift in value.shift):
            total = times(value.shift[0], Fraction(int(sums[:, output].sum())))
        else:
            for shift, weight in zip(value.shift, sums[:, output], strict=True):
                total = added(total, times(shift, Fraction(int(weight))))
        found.append(times(total, scale))
    return tuple(found)


def _common_unit(node: NodeProto, value: Value) -> tuple[Number, list[int]]:
    """Return a scale and whole factors, whose products are the scales of the channels.

    Raises:
        ModelError: when no small factors are.
    """
    scales, first = value.scale, value.scale[0]
    if all(scale is first or scale == first for scale in scales):
        return first, [1] * len(scales)
    fractions = [scale for scale in scales if isinstance(scale, Fraction)]
    if len(fractions) == len(scales):
        bottom = lcm(*(scale.denominator for scale in fractions))
        tops = [scale.numerator * (bottom // scale.denominator) for scale in fractions]
        unit = gcd(*tops) or 1
        if max(abs(top) // unit for top in tops) < 1 << BITS:
            return Fraction(unit, bottom), [top // unit for top in tops]
    elif all(equal(scale, first) for scale in scales):
        return first, [1] * len(scales)
    raise refuse(
        value.node,
        f"its scale differs by channel, and {node.name!r} ({node.op_type}) sums over channels",
        "give activations one constant scale per tensor, or put a Quant node of one scale behind it",
    )


def _with_bias(reader: Reader, node: NodeProto, value: Value, *, index: int, factor: Fraction = ONE) -> Value:
    name = node.input[index] if len(node.input) > index else ""
    if not name:
        return value
    if name not in reader.constants:
        raise refuse(node, f"its bias {name!r} is computed from what streams", "make it a constant")
    bias = reader.constants.fraction(name)
    if node.op_type == "Conv":
        bias = bias.reshape(-1, *(1,) * (value.place.ndim - 1))
    numbers = value.per_channel(bias, node, "its bias")
    shift = tuple(added(old, factor * n) for old, n in zip(value.shift, numbers, strict=True))
    return evolve(value, shift=shift)


def _bits(low: int, high: int) -> int:
    return max(high.bit_length(), 1) if low >= 0 else max(high.bit_length(), (-low - 1).bit_length()) + 1
