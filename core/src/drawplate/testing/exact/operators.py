# SPDX-License-Identifier: Apache-2.0
"""ONNX's operators on exact tensors (https://onnx.ai/onnx/operators)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from drawplate.errors import ModelError
from drawplate.testing.exact import functions, windows
from drawplate.testing.exact.number import Exact, each, of_array, of_fractions
from drawplate.testing.exact.resize import nearest

Attributes = Mapping[str, Any]
Operator = Callable[..., Exact]
"""Takes the attributes and the inputs; None stands for an input that is left out."""


def _normalised(attributes: Attributes, x: Exact, *parameters: Exact) -> Exact:
    """BatchNormalization in inference mode."""
    gain, offset, mean, variance = (_per_channel(value, len(x.shape)) for value in parameters)
    smallest = Fraction(float(attributes.get("epsilon", _float32(1e-5))))
    roots = [functions.reciprocal_root(value + smallest) for value in variance.fractions()]
    return (x - mean) * (gain * of_fractions(roots).reshaped(gain.shape)) + offset


def _float32(value: float) -> float:
    import numpy as np

    return float(np.float32(value))


def _per_channel(values: Exact, rank: int) -> Exact:
    return values.reshaped((1, -1, *[1] * (rank - 2)))


def _clip(_attributes: Attributes, x: Exact, low: Exact | None = None, high: Exact | None = None) -> Exact:
    for limit, pick in ((low, max), (high, min)):
        if limit is not None:
            common = math.lcm(x.bottom, limit.bottom)
            edge = int(limit.top.reshape(-1)[0]) * (common // limit.bottom)
            top = x.top * (common // x.bottom)
            x = Exact(each(lambda value, pick=pick, edge=edge: pick(value, edge), top), common)
    return x


def _relu(_attributes: Attributes, x: Exact) -> Exact:
    return x.mapped(lambda top: each(lambda value: max(value, 0), top))


def _leaky(attributes: Attributes, x: Exact) -> Exact:
    slope = of_array(_array(attributes.get("alpha", _float32(0.01))))
    return _slopes({}, x, slope)


def _slopes(_attributes: Attributes, x: Exact, slopes: Exact) -> Exact:
    positive = _relu({}, x)
    return positive + (x - positive) * slopes


def _array(value: float) -> Any:
    import numpy as np

    return np.asarray(value, np.float32)


def _convolution(attributes: Attributes, x: Exact, weights: Exact, bias: Exact | None = None) -> Exact:
    found = windows.convolution(x, weights, attributes)
    return found if bias is None else found + _per_channel(bias, len(x.shape))


def _gemm(attributes: Attributes, a: Exact, b: Exact, c: Exact | None = None) -> Exact:
    left = a.mapped(lambda top: top.T) if attributes.get("transA", 0) else a
    right = b.mapped(lambda top: top.T) if attributes.get("transB", 0) else b
    found = (left @ right) * of_array(_array(attributes.get("alpha", 1.0)))
    return found if c is None else found + c * of_array(_array(attributes.get("beta", 1.0)))


def _mean(attributes: Attributes, x: Exact, axes: Exact | None = None) -> Exact:
    picked = _axes(attributes, x, axes)
    count = math.prod(x.shape[axis] for axis in picked)
    keep = bool(attributes.get("keepdims", 1))
    return Exact(x.top.sum(axis=picked, keepdims=keep), x.bottom * count)


def _maximum(attributes: Attributes, x: Exact, axes: Exact | None = None) -> Exact:
    picked, keep = _axes(attributes, x, axes), bool(attributes.get("keepdims", 1))
    return x.mapped(lambda top: top.max(axis=picked, keepdims=keep))


def _axes(attributes: Attributes, x: Exact, axes: Exact | None) -> tuple[int, ...]:
    """Return what a reduction reduces: all, where nothing is said."""
    named = attributes.get("axes") or (axes and [int(value) for value in axes.top]) or range(len(x.shape))
    return tuple(axis % len(x.shape) for axis in named)


def _flatten(attributes: Attributes, x: Exact) -> Exact:
    axis = attributes.get("axis", 1) % (len(x.shape) + 1)
    return x.reshaped((math.prod(x.shape[:axis]), -1))


def _reshape(_attributes: Attributes, x: Exact, shape: Exact) -> Exact:
    wanted = [int(size) for size in shape.top]
    return x.reshaped(tuple(x.shape[index] if size == 0 else size for index, size in enumerate(wanted)))


def _transpose(attributes: Attributes, x: Exact) -> Exact:
    order = attributes.get("perm") or range(len(x.shape))[::-1]
    return x.mapped(lambda top: top.transpose(order))


def _squeeze(attributes: Attributes, x: Exact, axes: Exact | None = None) -> Exact:
    named = attributes.get("axes") or (axes and [int(value) for value in axes.top])
    picked = [axis % len(x.shape) for axis in named or [i for i, size in enumerate(x.shape) if size == 1]]
    return x.reshaped(tuple(size for index, size in enumerate(x.shape) if index not in picked))


def _unsqueeze(attributes: Attributes, x: Exact, axes: Exact | None = None) -> Exact:
    import numpy as np

    named = attributes.get("axes") or (axes and [int(value) for value in axes.top]) or []
    return x.mapped(lambda top: np.expand_dims(top, tuple(named)))


def _concat(attributes: Attributes, *parts: Exact) -> Exact:
    import numpy as np

    bottom = math.lcm(*(part.bottom for part in parts))
    return Exact(
        np.concatenate([part.top * (bottom // part.bottom) for part in parts], axis=attributes["axis"]), bottom
    )


def _pad(attributes: Attributes, x: Exact, pads: Exact | None = None, value: Exact | None = None) -> Exact:
    import numpy as np

    if attributes.get("mode", b"constant") != b"constant" or (value is not None and any(value.top.ravel())):
        raise ModelError("only pads with zeros are known")
    widths = attributes.get("pads") or (pads and [int(width) for width in pads.top]) or []
    ends = list(zip(widths[: len(x.shape)], widths[len(x.shape) :], strict=True))
    top = np.full([size + before + after for size, (before, after) in zip(x.shape, ends, strict=True)], 0, object)
    top[tuple(slice(before, before + size) for size, (before, _) in zip(x.shape, ends, strict=True))] = x.top
    return Exact(top, x.bottom)


def _largest(attributes: Attributes, x: Exact) -> Exact:
    import numpy as np

    axis = attributes.get("axis", 0)
    found = np.expand_dims(np.argmax(x.top, axis=axis), axis)
    return of_array(found if attributes.get("keepdims", 1) else found.squeeze(axis))


def _same(_attributes: Attributes, x: Exact, *_others: Exact) -> Exact:
    return x


OPERATORS: Mapping[str, Operator] = {
    "Add": lambda _, a, b: a + b,
    "Sub": lambda _, a, b: a - b,
    "Mul": lambda _, a, b: a * b,
    "Div": lambda _, a, b: a * b.inverse(),
    "Neg": lambda _, x: -x,
    "Abs": lambda _, x: x.mapped(abs),
    "MatMul": lambda _, a, b: a @ b,
    "Gemm": _gemm,
    "Conv": _convolution,
    "MaxPool": lambda attributes, x: windows.maximum(x, attributes),
    "AveragePool": lambda attributes, x: windows.average(x, attributes),
    "GlobalMaxPool": lambda _, x: x.mapped(lambda top: top.max(axis=tuple(range(2, top.ndim)), keepdims=True)),
    "GlobalAveragePool": lambda _, x: _mean({"axes": list(range(2, len(x.shape)))}, x),
    "ReduceMean": _mean,
    "ReduceMax": _maximum,
    "Resize": lambda attributes, x, _region=None, *by: nearest(attributes, x, *by),
    "BatchNormalization": _normalised,
    "Relu": _relu,
    "LeakyRelu": _leaky,
    "PRelu": _slopes,
    "Clip": _clip,
    "Sigmoid": lambda _, x: functions.sigmoid(x),
    "Tanh": lambda _, x: functions.tanh(x),
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Concat": _concat,
    "Pad": _pad,
    "ArgMax": _largest,
    "Identity": _same,
    "Dropout": _same,
}
"""What is known, by operator."""
