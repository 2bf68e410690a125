# SPDX-License-Identifier: Apache-2.0
"""Draw convolutional networks of every kind of layer that hardware has, several kinds in one network.

What :func:`differential.draw.draw` draws has one unusual thing at most; these have as many as there are pieces.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from differential.dice import Dice, Source
from differential.quantizers import drawn_activation, drawn_input, drawn_tail, drawn_weights
from differential.shapes import Shape, after, slid
from differential.spec import Layer, Network, Quantizer, Scale, Tail


def draw_convolutional(source: Source) -> Network:
    """Draw a network over images or lines."""
    dice = Dice(source)
    rank = 1 if dice.chance(22) else 2
    start = (dice.number(1, 4), *((1,) * rank if dice.chance(4) else (dice.number(3, 8) for _ in range(rank))))
    layers, shape = [_convolution(dice, start)], start
    shape = after(layers[0], shape)
    for _ in range(dice.number(1, 3)):
        for layer in dice.among(PIECES)(dice, shape):
            layers.append(layer)
            shape = after(layer, shape)
    return Network(
        shape=start,
        input=drawn_input(dice),
        layers=(*layers, *_closing(dice, shape)),
        opset=dice.among((13, 13, 11, 17, 18)),
        constants=dice.among(("initializer",) * 4 + ("node",)),
        batch=dice.among(("one", "one", "free")),
        before="nhwc" if rank == 2 and dice.chance(5) else "",
        seed=dice.number(0, 10**6),
    )


# pieces ---------------------------------------------------------------------------------------------------------------


def _convolution(dice: Dice, shape: Shape, **given: object) -> Layer:
    """Draw a convolution with all its ways; ``given`` are fields that are not drawn."""
    _, *sizes = shape
    one, other = (dice.number(1, min(3, size)) for size in (*sizes, *sizes)[:2])
    spread = dice.chance(20)
    stride = (dice.among((1, 1, 2)), dice.among((1, 1, 2)))
    made = Layer(
        kind="conv",
        outputs=dice.number(1, 6),
        kernel=(one, other),
        stride=stride,
        pads=tuple(dice.number(0, 1) if dice.chance(40) else 0 for _ in range(4)),
        dilation=tuple(2 if spread and k > 1 and 2 * (k - 1) < min(sizes) else 1 for k in (one, other)),
        explicit=dice.chance(80),
        weights=drawn_weights(dice),
    )
    made = evolve(made, **given)
    room = min(slid(sizes, made.kernel, made.stride, (0,) * 4, made.dilation), default=1)
    return evolve(made, tail=_tail(dice, room))


def _tail(dice: Dice, room: int = 0) -> Tail:
    tail = drawn_tail(dice, images=True, room=room)
    if dice.chance(20):
        slope = dice.among((None, 0.125, 0.5, 0.3, 0.0))
        tail = evolve(tail, act=dice.among(("LeakyRelu", "PRelu")), slope=slope, quant=drawn_activation(dice, ""))
    return tail


def _plain(dice: Dice, shape: Shape) -> list[Layer]:
    return [_convolution(dice, shape)]


def _depthwise(dice: Dice, shape: Shape) -> list[Layer]:
    times = dice.among((1, 1, 1, 2))
    return [_convolution(dice, shape, groups=shape[0], outputs=shape[0] * times)]


def _separable(dice: Dice, shape: Shape) -> list[Layer]:
    first = _depthwise(dice, shape)
    return [*first, _convolution(dice, after(first[0], shape), kernel=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0))]


def _grouped(dice: Dice, shape: Shape) -> list[Layer]:
    groups = dice.among([n for n in range(1, shape[0] + 1) if shape[0] % n == 0][::-1][-2:])
    return [_convolution(dice, shape, groups=groups, outputs=groups * dice.number(1, 3))]


def _maximum(dice: Dice, shape: Shape) -> list[Layer]:
    smallest = min(shape[1:])
    if smallest < 2:
        return _plain(dice, shape)
    kernel = (dice.number(2, min(3, smallest)), dice.number(1, min(3, smallest)))
    pads = tuple(dice.number(0, 1) if kernel[i % 2] > 1 else 0 for i in range(4)) if dice.chance(40) else (0, 0, 0, 0)
    stride = (dice.number(1, 2), dice.number(1, 2))
    form = "ceil" if dice.chance(20) else ""
    return [Layer(kind="maxpool", kernel=kernel, stride=stride, pads=pads, form=form)]


def _average(dice: Dice, shape: Shape) -> list[Layer]:
    """Draw an average pool; its result is quantized, or left to the next layer's sums."""
    smallest = min(shape[1:])
    if smallest < 2:
        return _plain(dice, shape)
    kernel = (2, dice.number(1, 2)) if dice.chance(70) else (min(3, smallest),) * 2
    pads = (1, 0, 1, 0) if dice.chance(15) else (0, 0, 0, 0)
    tail = Tail(quant=drawn_activation(dice, "Relu")) if dice.chance(70) else Tail()
    return [Layer(kind="avgpool", kernel=kernel, stride=(dice.number(1, 2),) * 2, pads=pads, tail=tail)]


def _truncated(dice: Dice, shape: Shape) -> list[Layer]:
    """Draw Brevitas' average pool, whose result is cut, behind a layer of as many bits."""
    layer = _convolution(dice, shape)
    bits = dice.number(2, 6)
    layer = evolve(layer, tail=evolve(layer.tail, act="Relu", quant=Quantizer(bits=bits, signed=False, scale=Scale())))
    if min(after(layer, shape)[1:]) < 2:
        return [layer]
    pool = Layer(kind="avgpool", kernel=(2, 2), stride=(2, 2), form="Trunc", weights=Quantizer(bits=bits))
    return [layer, pool]


def _larger(dice: Dice, shape: Shape) -> list[Layer]:
    times = dice.among(((2, 2), (2, 1), (1, 3)))
    explicit = dice.chance(50)
    form = "sizes" if dice.chance(40) else ""
    return [Layer(kind="upsample", stride=times, explicit=explicit, form=form)]


def _padded(dice: Dice, shape: Shape) -> list[Layer]:
    return [Layer(kind="pad", pads=tuple(dice.number(0, 2) for _ in range(4))), *_plain(dice, shape)]


def _joined(dice: Dice, shape: Shape) -> list[Layer]:
    """Draw a block whose branches keep the image's size."""
    join = dice.among(("Add", "Add", "Sub", "Concat"))
    branch: list[Layer] = []
    for _ in range(dice.number(0 if join != "Sub" else 1, 2)):
        side = 1 if min(shape[1:]) < 3 or dice.chance(30) else 3
        groups = shape[0] if dice.chance(30) else 1
        made = Layer(kind="conv", outputs=shape[0], groups=groups, kernel=(side, side), pads=(side // 2,) * 4)
        branch.append(evolve(made, weights=drawn_weights(dice), tail=drawn_tail(dice)))
    quant = drawn_activation(dice, "")
    tail = Tail(quant=evolve(quant, bits=max(2, quant.bits), bipolar=False), act=dice.among(("", "Relu")))
    if tail.act == "Relu" and tail.quant:
        tail = evolve(tail, quant=evolve(tail.quant, signed=False, narrow=False))
    # What is subtracted is read by the branch, too: else its negative would be as good, and the hardware's sum.
    form = "inside" if join == "Sub" else "shared"
    return [Layer(kind="residual", branch=tuple(branch), join=join, form=form, tail=tail)]


def _requantized(dice: Dice, shape: Shape) -> list[Layer]:
    del shape
    return [Layer(kind="quant", tail=Tail(quant=drawn_activation(dice, "")))]


PIECES: tuple[Callable[[Dice, Shape], list[Layer]], ...] = (
    _plain, _depthwise, _separable, _grouped, _maximum, _average, _truncated, _larger, _padded, _joined, _joined,
    _requantized,
)  # fmt: skip
"""What may stand in a network; the first is what others shrink to."""


def _closing(dice: Dice, shape: Shape) -> list[Layer]:
    """Draw what makes logits: a matrix over all pixels or their mean, or a convolution and the mean of its pixels."""
    form = dice.among(("", "ReduceMean", "AveragePool", "GlobalMaxPool", "ReduceMax"))
    head = Layer(
        kind="dense",
        outputs=dice.number(1, 5),
        form=dice.among(("", "Gemm", "turned")),
        weights=drawn_weights(dice),
        tail=Tail(bias=dice.among(("", "operand", "add"))),
    )
    flat = Layer(kind="flatten", form=dice.among(("", "Reshape", "Reshape0", "Shape")))
    if dice.chance(15):
        return [evolve(head, kind="conv", form=""), Layer(kind="globalpool", form=form), flat]
    if dice.chance(40):
        quant = drawn_activation(dice, "Relu") if dice.chance(70) else None
        return [Layer(kind="globalpool", form=form, tail=Tail(quant=quant)), flat, head]
    return [flat, head]
