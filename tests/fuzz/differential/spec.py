# SPDX-License-Identifier: Apache-2.0
"""A network as it was drawn: all that is needed to write it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class Scale:
    """Step of a quantizer: ``mantissa * 2**exponent``; 1 makes a power of two, and exact ties."""

    mantissa: float = 1.0
    exponent: int = 0
    channels: bool = False
    """One per channel, each a random factor off the others."""
    computed: bool = False
    """The graph computes it: the largest weight over the largest code."""
    negative: bool = False


@frozen(kw_only=True)
class Quantizer:
    """One Quant, or BipolarQuant."""

    bits: int = 4
    signed: bool = True
    narrow: bool | None = False
    """None leaves the attribute out; so do the next two."""
    signed_given: bool = True
    rounding: str | None = "ROUND"
    scale: Scale = Scale()
    zero_point: int = 0
    bipolar: bool = False


@frozen(kw_only=True)
class Norm:
    """A BatchNormalization."""

    kind: Literal["plain", "power"] = "plain"
    """``power``: all parameters are powers of two or small multiples, so that sums lie on ties."""
    zero: bool = False
    """Some gammas are 0."""
    negative: bool = False
    """Some gammas are negative."""
    epsilon: float | None = None


Act = Literal["", "Relu", "Clip", "Tanh", "Sigmoid", "LeakyRelu", "PRelu", "Elu"]


@frozen(kw_only=True)
class Tail:
    """What follows a weighted layer."""

    bias: Literal["", "operand", "add"] = ""
    norm: Norm | None = None
    act: Act = ""
    slope: float | None = None
    """Below 0, of LeakyRelu and PRelu; None leaves it out, or draws one per channel."""
    pool: tuple[int, int] | None = None
    """Max-pooling before the activation: (kernel, stride)."""
    quant: Quantizer | None = None


@frozen(kw_only=True)
class Layer:
    """One piece of a chain."""

    kind: Literal[
        "dense",
        "conv",
        "maxpool",
        "avgpool",
        "globalpool",
        "upsample",
        "quant",
        "flatten",
        "residual",
        "pad",
        "affine",
        "identity",
    ]
    outputs: int = 4
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    explicit: bool = True
    """Whether attributes with their default values are written."""
    form: str = ""
    """Which of several ways to write it: Gemm or MatMul, Flatten or Reshape, Trunc, ReduceMean, ceil_mode ..."""
    weights: Quantizer = Quantizer()
    tail: Tail = Tail()
    branch: tuple[Layer, ...] = ()
    """Of a residual block; its other branch is the input itself."""
    join: Literal["Add", "Sub", "Concat", "Mul"] = "Add"


@frozen(kw_only=True)
class Network:
    """A chain from the input to the logits."""

    shape: tuple[int, ...]
    """Channels, height and width; or features."""
    input: Quantizer | None
    """None: the input holds codes of ``input_codes``, and no quantizer."""
    layers: tuple[Layer, ...]
    last: Literal["", "Softmax", "ArgMax", "LogSoftmax", "Sigmoid"] = ""
    before: Literal["", "affine", "nhwc", "norm"] = ""
    """What stands before the input's quantizer."""
    writer: Literal["own", "brevitas"] = "own"
    domain: str = "qonnx.custom_op.general"
    opset: int = 13
    constants: Literal["initializer", "node"] = "initializer"
    batch: Literal["one", "free"] = "one"
    seed: int = 0
    """Of weights and images."""


def to_json(network: Network) -> str:
    """Write a network; what has its default is left out."""
    import cattrs

    converter = cattrs.Converter(omit_if_default=True)
    return json.dumps(converter.unstructure(network), indent=1) + "\n"


def from_json(text: str) -> Network:
    """Read a network."""
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True)
    return converter.structure(json.loads(text), Network)


def load(path: Path) -> Network:
    """Read a network's file."""
    return from_json(path.read_text(encoding="utf-8"))
