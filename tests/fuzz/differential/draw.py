# SPDX-License-Identifier: Apache-2.0
"""Draw a network: by a seed, or by hypothesis, which then shrinks what fails.

Two in three networks hold only what hardware can take.  The others have one thing more that it perhaps cannot, so that
each refusal has one cause.
"""

from __future__ import annotations

from attrs import evolve

from differential.dice import Dice, Source
from differential.quantizers import drawn_activation, drawn_input, drawn_norm, drawn_scale, drawn_tail, drawn_weights
from differential.shapes import after, slid
from differential.spec import Layer, Network, Quantizer, Tail

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


# chains ---------------------------------------------------------------------------------------------------------------


def _dense(dice: Dice) -> Layer:
    form = dice.among(("", "Gemm", "turned"))
    return Layer(kind="dense", outputs=dice.number(1, 9), form=form, weights=drawn_weights(dice), tail=drawn_tail(dice))


def _head(dice: Dice) -> Layer:
    outputs = 1 if dice.odd in {"one output", "one bit output"} else dice.among((4, 2, 3, 10, 1))
    tail = Tail(bias=dice.among(("", "operand", "add")))
    if dice.odd == "one bit output":
        tail = evolve(tail, quant=Quantizer(bits=1, bipolar=True, scale=drawn_scale(dice)))
    elif dice.odd == "quantized output":
        tail = evolve(tail, quant=drawn_activation(dice, ""))
    elif dice.odd == "output affine":
        tail = evolve(tail, norm=drawn_norm(dice))
    return Layer(
        kind="dense", outputs=outputs, form=dice.among(("", "Gemm", "turned")), weights=drawn_weights(dice), tail=tail
    )


def _features(dice: Dice) -> Network:
    layers: list[Layer] = []
    for _ in range(dice.number(0, 3)):
        made = _dense(dice)
        layers += [made, *_between(dice, images=False)]
        if dice.chance(20) or dice.odd in {"sub", "mul", "concat", "branches apart"}:
            layers += _block(dice, made, ())
    layers.append(_head(dice))
    return Network(shape=(dice.number(1, 12),), input=drawn_input(dice), layers=tuple(layers))


def _between(dice: Dice, *, images: bool) -> list[Layer]:
    quant = Tail(quant=drawn_activation(dice, ""))
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
    quant = drawn_activation(dice, "")
    quant = evolve(quant, bits=max(2, quant.bits), bipolar=False)
    inner: list[Layer] = []
    for _ in range(dice.number(1, 2)):
        if sizes:
            one = min(sizes) < 3 or dice.chance(40)
            kernel, pads = ((1, 1), (0, 0, 0, 0)) if one else ((3, 3), (1, 1, 1, 1))
            inner.append(
                Layer(kind="conv", outputs=before.outputs, kernel=kernel, pads=pads, weights=drawn_weights(dice),
                      tail=drawn_tail(dice))
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
        shape = after(made, shape)
        layers += _between(dice, images=True)
        for layer in layers[-1:]:
            if layer.kind == "pad":
                shape = after(layer, shape)
        if (dice.chance(25) or dice.odd in {"sub", "mul", "concat", "branches apart"}) and rank == 2:
            layers += _block(dice, evolve(made, outputs=shape[0]), shape[1:])
            shape = after(layers[-1], shape)
        more = _pooled(dice, shape)
        layers += more
        for layer in more:
            shape = after(layer, shape)
    found = _closing(dice, shape, layers)
    return Network(shape=(channels, *sizes), input=drawn_input(dice), layers=tuple(found))


def _pooled(dice: Dice, shape: tuple[int, ...]) -> list[Layer]:
    _, *sizes = shape
    if min(sizes) < 2:
        return []
    quant = Tail(quant=drawn_activation(dice, "Relu"))
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
    channels, *sizes = shape
    kernel = tuple(dice.number(1, min(3, size)) for size in (*sizes, *sizes)[:2])
    stride = (dice.among((1, 1, 2)), dice.among((1, 1, 2)))
    pads = tuple(dice.number(0, 1) if dice.chance(40) else 0 for _ in range(4))
    dilation = (2, 1) if dice.odd == "dilation" and kernel[0] > 1 and sizes[0] > 2 * (kernel[0] - 1) else (1, 1)
    weights, room = drawn_weights(dice), min(slid(sizes, kernel, stride, (0,) * 4, dilation), default=1)
    outputs = 1 if dice.odd == "one to one convolution" else dice.number(1, 6)
    depthwise = dice.odd == "depthwise" and dice.chance(60)
    return Layer(
        kind="conv",
        outputs=channels if depthwise else outputs,
        kernel=kernel,
        stride=stride,
        pads=pads,
        dilation=dilation,
        groups=channels if depthwise else 1,
        explicit=dice.odd != "unpadded attributes",
        weights=weights,
        tail=drawn_tail(dice, images=True, room=room),
    )


def _closing(dice: Dice, shape: tuple[int, ...], layers: list[Layer]) -> list[Layer]:
    head = _head(dice)
    if dice.odd == "convolutional head":
        return [*layers, evolve(head, kind="conv", form=""), Layer(kind="globalpool"), Layer(kind="flatten")]
    if dice.chance(15):
        layers = [*layers, Layer(kind="globalpool", tail=Tail(quant=drawn_activation(dice, "Relu")))]
        shape = (shape[0], *[1] * (len(shape) - 1))
    form = "Shape" if dice.odd == "shape reshape" else dice.among(("", "Reshape", "Reshape0"))
    if all(size == 1 for size in shape[1:]) and len(shape) == 3 and dice.chance(30):
        form = "Squeeze"
    return [*layers, Layer(kind="flatten", form=form), head]
