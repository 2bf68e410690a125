# SPDX-License-Identifier: Apache-2.0
"""Functions of one number, and arithmetic with constants: all that vanishes into thresholds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.exact.functions import Clip, Function, Leaky, Line, Logistic
from drawplate_quant_finn.lowering.exact.number import ONE, ZERO, inverse, root, times
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.add import added_streams
from drawplate_quant_finn.lowering.streams.reader import Reader
from drawplate_quant_finn.lowering.streams.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto


def batch_norm(reader: Reader, node: NodeProto) -> Value:
    """BatchNormalization with its running statistics."""
    value = reader.value(node)
    if attribute(node, "training_mode", 0):
        raise refuse(node, "it normalises with the statistics of the batch", "export the model for inference")
    missing = [name for name in node.input[1:] if name not in reader.constants]
    if missing:
        raise refuse(node, f"its input {missing[0]!r} is computed from what streams", "make it a constant")
    trailing = (1,) * (value.place.ndim - 1)
    scale, bias, mean, variance = (
        value.per_channel(reader.constants.fraction(name).reshape(-1, *trailing), node, what)
        for name, what in zip(node.input[1:], ("its scale", "its bias", "its mean", "its variance"), strict=True)
    )
    small = Fraction(float(attribute(node, "epsilon", 1e-5)))
    if min(variance) + small <= 0:
        raise refuse(node, "a variance is not positive", "train it again, or raise epsilon")
    factors = [times(g, inverse(root(v + small))) for g, v in zip(scale, variance, strict=True)]
    centred = value.mapped([Line(ONE, -m) for m in mean], node)
    return centred.mapped([Line(f, b) for f, b in zip(factors, bias, strict=True)], node)


def arithmetic(reader: Reader, node: NodeProto) -> Value:
    """Add, Sub, Mul, Div: of a stream and a constant, or the sum or difference of two streams."""
    streams = [index for index, name in enumerate(node.input) if name not in reader.constants]
    if len(streams) == 2:
        return _of_two(reader, node)
    value, other = reader.value(node, streams[0]), node.input[1 - streams[0]]
    numbers = value.per_channel(reader.constants.fraction(other), node, f"its constant {other!r}")
    if node.op_type == "Div":
        if streams[0] == 1:
            raise refuse(node, "it divides by what streams", "divide by constants only")
        if 0 in numbers:
            raise refuse(node, "it divides by 0", "remove it")
    first = ONE if streams[0] == 0 else -ONE
    lines: dict[str, Callable[[Fraction], Line]] = {
        "Add": lambda n: Line(ONE, n),
        "Sub": lambda n: Line(first, -first * n),
        "Mul": Line,
        "Div": lambda n: Line(1 / n),
    }
    return value.mapped([lines[node.op_type](n) for n in numbers], node)


def _of_two(reader: Reader, node: NodeProto) -> Value:
    if node.op_type == "Mul":
        raise refuse(node, "it multiplies two streams", "multiply by constants only")
    if node.op_type == "Div":
        raise refuse(node, "it divides by what streams", "divide by constants only")
    return added_streams(reader, node, subtract=node.op_type == "Sub")


def negative(reader: Reader, node: NodeProto) -> Value:
    """Neg."""
    return _same_for_all(reader, node, Line(-ONE))


def relu(reader: Reader, node: NodeProto) -> Value:
    """Relu."""
    return _same_for_all(reader, node, Leaky())


def leaky(reader: Reader, node: NodeProto) -> Value:
    """LeakyRelu, PRelu: a smaller slope below 0, as long as it is none that falls."""
    value = reader.value(node)
    if node.op_type == "PRelu":
        slopes = value.per_channel(_constant(reader, node, 1), node, "its slope")
    else:
        slopes = [Fraction(float(attribute(node, "alpha", 0.01)))] * value.operator.channels
    if min(slopes) < 0:
        raise refuse(node, f"its slope {float(min(slopes)):g} below 0 falls: codes would not grow with the sum",
                     "use a slope of at least 0, or Relu")  # fmt: skip
    return value.mapped([Leaky(slope) for slope in slopes], node)


def clip(reader: Reader, node: NodeProto) -> Value:
    """Clip, by attributes or inputs."""
    limits = []
    for index, name in ((1, "min"), (2, "max")):
        given = attribute(node, name)
        if len(node.input) > index and node.input[index]:
            given = float(_constant(reader, node, index).reshape(()))
        limits.append(None if given is None or abs(given) == float("inf") else Fraction(float(given)))
    low, high = limits
    if low is not None and high is not None and low > high:
        raise refuse(node, f"its limits are the wrong way round: {float(low):g} above {float(high):g}", "swap them")
    return _same_for_all(reader, node, Clip(low, high))


def logistic(reader: Reader, node: NodeProto) -> Value:
    """Tanh, Sigmoid."""
    return _same_for_all(reader, node, Logistic(-1, 2) if node.op_type == "Tanh" else Logistic(0, 1))


def hard_sigmoid(reader: Reader, node: NodeProto) -> Value:
    """HardSigmoid: a line, clipped."""
    slope, shift = (Fraction(float(attribute(node, *said))) for said in (("alpha", 0.2), ("beta", 0.5)))
    value = reader.value(node)
    lined = value.mapped([Line(slope, shift)] * value.operator.channels, node)
    return lined.mapped([Clip(ZERO, ONE)] * value.operator.channels, node)


def _same_for_all(reader: Reader, node: NodeProto, function: Function) -> Value:
    value = reader.value(node)
    return value.mapped([function] * value.operator.channels, node)


def _constant(reader: Reader, node: NodeProto, index: int) -> NDArray[np.float64]:
    name = node.input[index]
    if name not in reader.constants:
        raise refuse(node, f"its input {name!r} is computed from what streams", "make it a constant")
    found: NDArray[Any] = reader.constants.fraction(name)
    return found
