# SPDX-License-Identifier: Apache-2.0
"""Draw a network: by a seed, or by hypothesis, which then shrinks what fails.

Two in three networks hold only what hardware can take.  The others have one thing more that it perhaps cannot, so that
each refusal has one cause.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from attrs import evolve, frozen

from differential.spec import Layer, Network, Norm, Quantizer, Scale, Tail
from differential.write import slid

T = TypeVar("T")

ODD = (
    "depthwise", "one dimension", "dilation", "average pool", "trunc", "float average pool", "sub", "mul", "concat",
    "zero point", "weight zero point", "rounding", "weight rounding", "input rounding", "channel activations",
    "absent narrow", "absent signed", "negative activation scale", "negative weight scale", "zero gamma",
    "negative gamma", "negative gamma before pool", "pad", "unpadded attributes", "no input quantizer", "affine input",
    "norm input", "nhwc", "softmax", "argmax", "logsoftmax", "sigmoid output", "shape reshape", "constant nodes",
    "free batch", "old domain", "other function", "unquantized", "one to one convolution", "signed behind relu",
    "narrow unsigned", "dropout", "affine between", "requantized", "bipolar padding", "wide", "one output",
    "one bit output", "quantized output", "convolutional head", "tiny scale", "huge scale", "one pixel",
    "branches apart", "pool padding", "input quantizer bipolar", "per-channel negative weights", "output affine",
)  # fmt: skip
"""What one network in three has one of."""


class Source(Protocol):
    """Where choices come from."""

    def integer(self, low: int, high: int) -> int:
        """Return a number from ``low`` to ``high``, both included."""


class Seeded:
    """Choices by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


@frozen
class Dice:
    """What is drawn of a source; the first of several is what hypothesis shrinks to."""

    source: Source
    odd: str = ""

    def chance(self, percent: int) -> bool:
        return self.source.integer(0, 99) >= 100 - percent

    def among(self, options: Sequence[T]) -> T:
        return options[self.source.integer(0, len(options) - 1)]

    def number(self, low: int, high: int) -> int:
        return self.source.integer(low, high)


def draw(source: Source) -> Network:
    """Draw a network."""
    dice = Dice(source)
    odd = dice.among(ODD) if dice.chance(36) else ""
    dice = evolve(dice, odd=odd)
    images = dice.chance(60) if odd not in IMAGES else True
    network = _images(dice) if images else _features(dice)
    return _ends(dice, network)


IMAGES = frozenset(
    {
        "depthwise", "one dimension", "dilation", "average pool", "trunc", "float average pool", "pad", "nhwc",
        "unpadded attributes", "one to one convolution", "negative gamma before pool", "bipolar padding",
        "convolutional head", "one pixel", "shape reshape", "pool padding",
    }
)  # fmt: skip


BREVITAS = frozenset(
    {
        "", "depthwise", "one dimension", "dilation", "average pool", "trunc", "float average pool", "zero point",
        "zero gamma", "negative gamma", "negative gamma before pool", "one output", "quantized output", "one pixel",
        "pool padding", "convolutional head", "output affine",
    }
)  # fmt: skip
"""What a network of Brevitas' layers can have, too."""


def _ends(dice: Dice, network: Network) -> Network:
    odd = dice.odd
    changes = {
        "softmax": {"last": "Softmax"}, "argmax": {"last": "ArgMax"}, "logsoftmax": {"last": "LogSoftmax"},
        "sigmoid output": {"last": "Sigmoid"}, "affine input": {"before": "affine"}, "nhwc": {"before": "nhwc"},
        "norm input": {"before": "norm"}, "no input quantizer": {"input": None},
        "constant nodes": {"constants": "node"}, "free batch": {"batch": "free"},
        "old domain": {"domain": "onnx.brevitas"},
    }.get(odd, {})  # fmt: skip
    seed = dice.number(0, 10**6)
    if odd in BREVITAS and dice.chance(12):
        return evolve(network, seed=seed, writer="brevitas")
    return evolve(network, seed=seed, **changes)


# quantizers -----------------------------------------------------------------------------------------------------------


def _scale(dice: Dice, *, low: int = -3, high: int = 1) -> Scale:
    mantissa = dice.among((1.0, 1.0, 1.5, dice.number(1001, 1999) / 1000, 1.1))
    return Scale(mantissa=mantissa, exponent=dice.number(low, high))


def _bits(dice: Dice) -> int:
    return dice.among((2, 3, 4, 1, 2, 3, 5, 8, 6, 7))


def _input(dice: Dice) -> Quantizer:
    if dice.odd == "input quantizer bipolar":
        return Quantizer(bits=1, bipolar=True, scale=_scale(dice))
    bits = dice.among((4, 2, 8, 1, 3, 5))
    signed = bits > 1 and dice.chance(40)
    found = Quantizer(bits=bits, signed=signed, scale=_scale(dice), narrow=signed and dice.chance(30))
    if dice.odd == "input rounding":
        found = evolve(found, rounding=dice.among(("FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "HALF_EVEN")))
    return found


def _weights(dice: Dice) -> Quantizer:
    bits = _bits(dice)
    if bits == 1:
        found = Quantizer(bits=1, bipolar=dice.chance(70), scale=_scale(dice))
    else:
        found = Quantizer(bits=bits, narrow=dice.chance(50), scale=_scale(dice))
    changes = {
        "weight zero point": {"zero_point": 1, "bipolar": False},
        "weight rounding": {"rounding": dice.among(("FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN"))},
        "absent narrow": {"narrow": None},
        "absent signed": {"signed_given": False},
    }.get(dice.odd, {}) if dice.chance(50) else {}  # fmt: skip
    scale = evolve(
        found.scale,
        channels=dice.chance(30) or dice.odd == "per-channel negative weights",
        computed=dice.chance(8),
        negative=dice.odd in {"negative weight scale", "per-channel negative weights"},
    )
    scale = evolve(scale, computed=scale.computed and not scale.channels and not scale.negative)
    return evolve(found, scale=scale, **changes)


def _activation(dice: Dice, act: str) -> Quantizer:
    bits = _bits(dice)
    signed = act in {"", "Tanh"} or (act == "Clip")
    if signed and bits == 1:
        found = Quantizer(bits=1, bipolar=dice.chance(70), scale=_scale(dice))
    else:
        found = Quantizer(bits=bits, signed=signed, narrow=signed and dice.chance(30), scale=_scale(dice, high=2))
    if dice.odd == "tiny scale":
        found = evolve(found, scale=evolve(found.scale, exponent=dice.number(-60, -14)))
    elif dice.odd == "huge scale":
        found = evolve(found, scale=evolve(found.scale, exponent=dice.number(8, 60)))
    if not dice.chance(60):
        return found
    odd: dict[str, dict[str, object]] = {
        "zero point": {"zero_point": dice.number(1, 3), "bipolar": False},
        "rounding": {"rounding": dice.among(("FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "HALF_EVEN"))},
        "channel activations": {"scale": evolve(found.scale, channels=True)},
        "absent narrow": {"narrow": None},
        "absent signed": {"signed_given": False},
        "negative activation scale": {"scale": evolve(found.scale, negative=True)},
        "signed behind relu": {"signed": True},
        "narrow unsigned": {"narrow": True},
        "wide": {"bits": dice.number(9, 12), "bipolar": False},
    }
    return evolve(found, **odd.get(dice.odd, {}))


def _norm(dice: Dice) -> Norm:
    return Norm(
        kind=dice.among(("plain", "power")),
        zero=dice.odd == "zero gamma" or dice.chance(3),
        negative=dice.odd in {"negative gamma", "negative gamma before pool"} or dice.chance(6),
        epsilon=dice.among((None, 0.0, 1e-3)),
    )


def _tail(dice: Dice, *, images: bool = False, room: int = 0) -> Tail:
    act = dice.among(("Relu", "Relu", "", "", "Clip", "Tanh", "Sigmoid"))
    if dice.odd == "other function" and dice.chance(60):
        act = dice.among(("LeakyRelu", "Elu"))
    pool = None
    if images and room >= 2 and dice.chance(30 if dice.odd != "negative gamma before pool" else 90):
        pool = (2, dice.among((2, 1)))
    norm = _norm(dice) if dice.chance(60) else None
    bias = dice.among(("", "", "operand", "add"))
    quant = None if dice.odd == "unquantized" and dice.chance(50) else _activation(dice, act)
    return Tail(bias=bias, norm=norm, act=act, pool=pool, quant=quant)


# chains ---------------------------------------------------------------------------------------------------------------


def _dense(dice: Dice) -> Layer:
    form = dice.among(("", "Gemm", "turned"))
    return Layer(kind="dense", outputs=dice.number(1, 9), form=form, weights=_weights(dice), tail=_tail(dice))


def _head(dice: Dice) -> Layer:
    outputs = 1 if dice.odd in {"one output", "one bit output"} else dice.among((4, 2, 3, 10, 1))
    tail = Tail(bias=dice.among(("", "operand", "add")))
    if dice.odd == "one bit output":
        tail = evolve(tail, quant=Quantizer(bits=1, bipolar=True, scale=_scale(dice)))
    elif dice.odd == "quantized output":
        tail = evolve(tail, quant=_activation(dice, ""))
    elif dice.odd == "output affine":
        tail = evolve(tail, norm=_norm(dice))
    return Layer(
        kind="dense", outputs=outputs, form=dice.among(("", "Gemm", "turned")), weights=_weights(dice), tail=tail
    )


def _features(dice: Dice) -> Network:
    layers: list[Layer] = []
    for _ in range(dice.number(0, 3)):
        made = _dense(dice)
        layers += [made, *_between(dice, images=False)]
        if dice.chance(20) or dice.odd in {"sub", "mul", "concat", "branches apart"}:
            layers += _block(dice, made, ())
    layers.append(_head(dice))
    return Network(shape=(dice.number(1, 12),), input=_input(dice), layers=tuple(layers))


def _between(dice: Dice, *, images: bool) -> list[Layer]:
    quant = Tail(quant=_activation(dice, ""))
    odd = {
        "dropout": [Layer(kind="identity", form="Dropout")],
        "affine between": [Layer(kind="affine", form=dice.among(("Mul", "Add", "Sub", "Div")), tail=quant,
                                 explicit=dice.chance(50))],
        "requantized": [Layer(kind="quant", tail=quant)],
        "pad": [Layer(kind="pad", pads=(1, 0, 1, dice.number(0, 1)))] if images else [],
    }.get(dice.odd, []) if dice.chance(60) else []  # fmt: skip
    return [*odd, *([Layer(kind="identity")] if dice.chance(3) else [])]


def _block(dice: Dice, before: Layer, sizes: tuple[int, ...]) -> list[Layer]:
    """Return a residual block on what a layer gives; its branch keeps the shape."""
    join = {"sub": "Sub", "mul": "Mul", "concat": "Concat"}.get(dice.odd, "Add")
    quant = _activation(dice, "")
    quant = evolve(quant, bits=max(2, quant.bits), bipolar=False)
    inner: list[Layer] = []
    for _ in range(dice.number(1, 2)):
        if sizes:
            one = min(sizes) < 3 or dice.chance(40)
            kernel, pads = ((1, 1), (0, 0, 0, 0)) if one else ((3, 3), (1, 1, 1, 1))
            inner.append(
                Layer(kind="conv", outputs=before.outputs, kernel=kernel, pads=pads, weights=_weights(dice),
                      tail=_tail(dice))
            )  # fmt: skip
        else:
            inner.append(evolve(_dense(dice), outputs=before.outputs))
    shared = dice.odd != "branches apart"
    tail = Tail(quant=quant, act=dice.among(("", "Relu")))
    if tail.act == "Relu":
        tail = evolve(tail, quant=evolve(quant, signed=False, narrow=False, bipolar=False))
    return [Layer(kind="residual", branch=tuple(inner), join=join, form="shared" if shared else "", tail=tail)]


def _images(dice: Dice) -> Network:
    rank = 1 if dice.odd == "one dimension" else 2
    sizes = tuple(dice.number(3, 6) for _ in range(rank))
    if dice.odd == "one pixel":
        sizes = (1,) * rank
    channels = 1 if dice.odd == "one to one convolution" else dice.number(1, 3)
    shape, layers = (channels, *sizes), []
    for _ in range(dice.number(1, 3)):
        made = _conv(dice, shape)
        layers.append(made)
        shape = _after(made, shape)
        layers += _between(dice, images=True)
        for layer in layers[-1:]:
            if layer.kind == "pad":
                shape = (shape[0], shape[1] + 2, *(size + layer.pads[3] for size in shape[2:]))
        if (dice.chance(25) or dice.odd in {"sub", "mul", "concat", "branches apart"}) and rank == 2:
            layers += _block(dice, evolve(made, outputs=shape[0]), shape[1:])
            shape = (shape[0] * (2 if layers[-1].join == "Concat" else 1), *shape[1:])
        more = _pooled(dice, shape)
        layers += more
        for layer in more:
            shape = _after(layer, shape)
    found = _closing(dice, shape, layers)
    return Network(shape=(channels, *sizes), input=_input(dice), layers=tuple(found))


def _pooled(dice: Dice, shape: tuple[int, ...]) -> list[Layer]:
    _, *sizes = shape
    if min(sizes) < 2:
        return []
    quant = Tail(quant=_activation(dice, "Relu"))
    if dice.odd in {"average pool", "trunc", "float average pool"}:
        quantized = quant if dice.odd == "average pool" else Tail()
        form = "Trunc" if dice.odd == "trunc" else ""
        return [Layer(kind="avgpool", kernel=(2, 2), stride=(2, 2), form=form, tail=quantized)]
    if dice.odd == "pool padding" and min(sizes) >= 2:
        return [Layer(kind="maxpool", kernel=(3, 3), stride=(2, 2), pads=(1, 1, 1, 1))]
    if dice.chance(25):
        kernel = dice.among((2, 3)) if min(sizes) >= 3 else 2
        return [Layer(kind="maxpool", kernel=(kernel, kernel), stride=(dice.number(1, kernel),) * 2)]
    return []


def _conv(dice: Dice, shape: tuple[int, ...]) -> Layer:
    _, *sizes = shape
    kernel = tuple(dice.number(1, min(3, size)) for size in (*sizes, *sizes)[:2])
    stride = (dice.among((1, 1, 2)), dice.among((1, 1, 2)))
    pads = tuple(dice.number(0, 1) if dice.chance(40) else 0 for _ in range(4))
    dilation = (2, 1) if dice.odd == "dilation" and kernel[0] > 1 and sizes[0] > 2 * (kernel[0] - 1) else (1, 1)
    weights, room = _weights(dice), min(slid(sizes, kernel, stride, (0,) * 4, dilation), default=1)
    outputs = 1 if dice.odd == "one to one convolution" else dice.number(1, 6)
    return Layer(
        kind="conv",
        outputs=outputs,
        kernel=kernel,
        stride=stride,
        pads=pads,
        dilation=dilation,
        depthwise=dice.odd == "depthwise" and dice.chance(60),
        explicit=dice.odd != "unpadded attributes",
        weights=weights,
        tail=_tail(dice, images=True, room=room),
    )


def _after(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    channels, *sizes = shape
    rank = len(sizes)
    pads = [*layer.pads[:rank], *layer.pads[2 : 2 + rank]]
    sizes = list(slid(sizes, layer.kernel, layer.stride, pads, layer.dilation))
    if layer.tail.pool:
        kernel, stride = layer.tail.pool
        sizes = list(slid(sizes, [kernel] * rank, [stride] * rank, [0] * 2 * rank, [1] * rank))
    if layer.kind == "conv":
        channels = channels if layer.depthwise else layer.outputs
    return (channels, *sizes)


def _closing(dice: Dice, shape: tuple[int, ...], layers: list[Layer]) -> list[Layer]:
    head = _head(dice)
    if dice.odd == "convolutional head":
        return [*layers, evolve(head, kind="conv", form=""), Layer(kind="globalpool"), Layer(kind="flatten")]
    if dice.chance(15):
        layers = [*layers, Layer(kind="globalpool", tail=Tail(quant=_activation(dice, "Relu")))]
        shape = (shape[0], *[1] * (len(shape) - 1))
    form = "Shape" if dice.odd == "shape reshape" else dice.among(("", "Reshape", "Reshape0"))
    if all(size == 1 for size in shape[1:]) and len(shape) == 3 and dice.chance(30):
        form = "Squeeze"
    return [*layers, Layer(kind="flatten", form=form), head]
