# SPDX-License-Identifier: Apache-2.0
"""Operators that the Myriad plugin lacks, written in operators that it has; their meaning is kept exactly."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from drawplate.count import infer_shapes
from drawplate.graph.chain import Chain
from drawplate.graph.facts import STANDARD
from drawplate.graph.nodes import attribute, constants, opset, replace_nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto


def rewrite(proto: ModelProto) -> tuple[str, ...]:
    """Rewrite what can be rewritten, in place, and say how many of what."""
    replaced: dict[int, list[NodeProto]] = {}
    count: Counter[str] = Counter()
    for index, node in enumerate(proto.graph.node):
        writer = REWRITES.get(node.op_type) if node.domain in STANDARD else None
        if writer is not None:
            chain = Chain(proto, node)
            value = writer(chain)
            if value is not None:
                replaced[index] = chain.finish(value)
                count[node.op_type] += 1
    if replaced:
        replace_nodes(proto, replaced)
    return tuple(f"{many} {kind} written as {FORMULAS[kind]}" for kind, many in sorted(count.items()))


def spell_out(proto: ModelProto) -> None:
    """Write what OpenVINO 2021.4 does not take for granted: axes of a Slice, biases of convolutions over volumes."""
    known = constants(proto)
    for node in proto.graph.node:
        if node.op_type == "Slice" and opset(proto) >= SLICE_BY_INPUTS and (len(node.input) < 4 or not node.input[3]):
            starts = known.get(node.input[1])
            if starts is not None:
                _set_input(proto, node, 3, "axes", np.arange(starts.size, dtype=np.int64))
        if node.op_type == "Conv" and (len(node.input) < 3 or not node.input[2]):
            weight = known.get(node.input[1])
            if weight is not None and weight.ndim == VOLUME:
                _set_input(proto, node, 2, "bias", np.zeros(weight.shape[0], np.float32))


def _set_input(proto: ModelProto, node: NodeProto, position: int, name: str, value: NDArray[Any]) -> None:
    """Write a constant as an input that was left out, or was the first that is."""
    rest = list(node.input[position + 1 :])
    del node.input[position:]
    node.input.extend([Chain(proto, node).array(name, value), *rest])


REDUCE_BY_INPUTS: Final = 18
"""From this opset on, a ReduceMean takes its axes as an input."""
VOLUME: Final = 5
"""Dimensions of the weights of a convolution over a volume."""
SLICE_BY_INPUTS: Final = 10
"""From this opset on, a Slice takes its starts, ends and axes as inputs."""


def _hard_swish(chain: Chain) -> str:
    x = chain.node.input[0]
    clipped = chain.clip(chain.add("Add", x, chain.number(3)), 0, 6)
    return chain.add("Mul", chain.add("Mul", x, clipped), chain.number(1 / 6))


def _hard_sigmoid(chain: Chain) -> str:
    alpha, beta = (float(attribute(chain.node, name, value)) for name, value in (("alpha", 0.2), ("beta", 0.5)))
    scaled = chain.add("Mul", chain.node.input[0], chain.number(alpha))
    return chain.clip(chain.add("Add", scaled, chain.number(beta)), 0, 1)


def _mish(chain: Chain) -> str:
    x = chain.node.input[0]
    return chain.add("Mul", x, chain.add("Tanh", chain.add("Softplus", x)))


def _swish(chain: Chain) -> str:
    x, alpha = chain.node.input[0], float(attribute(chain.node, "alpha", 1.0))
    scaled = x if alpha == 1 else chain.add("Mul", x, chain.number(alpha))
    return chain.add("Mul", x, chain.add("Sigmoid", scaled))


def _selu(chain: Chain) -> str:
    alpha = float(attribute(chain.node, "alpha", 1.6732632))
    gamma = float(attribute(chain.node, "gamma", 1.050701))
    return chain.add("Mul", chain.add("Elu", chain.node.input[0], alpha=alpha), chain.number(gamma))


def _abs(chain: Chain) -> str:
    x = chain.node.input[0]
    negative = chain.add("Relu", chain.add("Mul", x, chain.number(-1)))
    return chain.add("Add", chain.add("Relu", x), negative)


def _softsign(chain: Chain) -> str:
    magnitude = _abs(chain)
    return chain.add("Div", chain.node.input[0], chain.add("Add", magnitude, chain.number(1)))


def _sum(chain: Chain) -> str:
    first, *others = chain.node.input
    for name in others:
        first = chain.add("Add", first, name)
    return first if others else chain.add("Identity", first)


def _mean(chain: Chain) -> str:
    return chain.add("Mul", _sum(chain), chain.number(1 / len(chain.node.input)))


def _reciprocal(chain: Chain) -> str:
    return chain.add("Div", chain.number(1), chain.node.input[0])


def _layer_norm(chain: Chain) -> str | None:
    node, axis = chain.node, int(attribute(chain.node, "axis", -1))
    if any(chain.node.output[1:]):
        return None  # its statistics are outputs, too
    if axis >= 0:  # a scale may have fewer dimensions than are normalised: it is broadcast
        axis -= len(infer_shapes(chain.proto)[node.output[0]])
    axes = np.arange(axis, 0)
    given = () if opset(chain.proto) < REDUCE_BY_INPUTS else (chain.array("axes", axes),)

    def mean(value: str) -> str:
        return chain.add("ReduceMean", value, *given, **({} if given else {"axes": axes.tolist()}))

    rest = chain.add("Sub", node.input[0], mean(node.input[0]))
    variance = chain.add("Add", mean(chain.add("Mul", rest, rest)), chain.number(attribute(node, "epsilon", 1e-5)))
    scaled = chain.add("Mul", chain.add("Div", rest, chain.add("Sqrt", variance)), node.input[1])
    return chain.add("Add", scaled, node.input[2]) if len(node.input) > 2 and node.input[2] else scaled


def _gelu(chain: Chain) -> str:
    x = chain.node.input[0]
    if attribute(chain.node, "approximate", "none") == "tanh":
        cube = chain.add("Mul", chain.add("Mul", x, x), x)
        inner = chain.add("Add", x, chain.add("Mul", cube, chain.number(0.044715)))
        bent = chain.add("Tanh", chain.add("Mul", inner, chain.number(math.sqrt(2 / math.pi))))
    else:
        bent = chain.add("Erf", chain.add("Mul", x, chain.number(math.sqrt(0.5))))
    half = chain.add("Mul", x, chain.number(0.5))
    return chain.add("Mul", half, chain.add("Add", bent, chain.number(1)))


def _leading_constant(chain: Chain) -> str | None:
    """Pad the others and add the constant: a constant that comes first in a Concat (a class token) is misread."""
    node, known = chain.node, constants(chain.proto)
    token, rest = known.get(node.input[0]), list(node.input[1:])
    if token is None or not rest or any(name in known for name in rest) or opset(chain.proto) < PAD_BY_INPUTS:
        return None
    axis = int(attribute(node, "axis", 0)) % token.ndim
    joined = chain.add("Concat", *rest, axis=axis) if len(rest) > 1 else rest[0]
    shape = infer_shapes(chain.proto).get(node.output[0])
    if shape is None:
        return None
    front = np.zeros(2 * token.ndim, np.int64)
    front[axis] = token.shape[axis]
    behind = [
        (0, size - given if at == axis else 0) for at, (size, given) in enumerate(zip(shape, token.shape, strict=True))
    ]
    padded = chain.add("Pad", joined, chain.array("front", front))
    return chain.add("Add", padded, chain.array("token", np.pad(token, behind)))


PAD_BY_INPUTS: Final = 11
"""From this opset on, a Pad takes its sizes as an input."""

REWRITES: Final[Mapping[str, Callable[[Chain], str | None]]] = {
    "Concat": _leading_constant,
    "HardSwish": _hard_swish,
    "HardSigmoid": _hard_sigmoid,
    "Mish": _mish,
    "Swish": _swish,
    "Selu": _selu,
    "Abs": _abs,
    "Softsign": _softsign,
    "Gelu": _gelu,
    "LayerNormalization": _layer_norm,
    "Sum": _sum,
    "Mean": _mean,
    "Reciprocal": _reciprocal,
}
FORMULAS: Final[Mapping[str, str]] = {
    "Concat": "a padded value plus the constant that came first",
    "HardSwish": "x * relu6(x + 3) / 6",
    "HardSigmoid": "clip(alpha * x + beta, 0, 1)",
    "Mish": "x * tanh(softplus(x))",
    "Swish": "x * sigmoid(alpha * x)",
    "Selu": "gamma * elu(x)",
    "Abs": "relu(x) + relu(-x)",
    "Softsign": "x / (1 + relu(x) + relu(-x))",
    "Gelu": "x / 2 * (1 + erf(x / sqrt(2))), or its tanh form",
    "LayerNormalization": "(x - mean) / sqrt(variance + epsilon) * scale + bias, several stages each",
    "Sum": "x + y + ...",
    "Mean": "(x + y + ...) / n",
    "Reciprocal": "1 / x",
}
