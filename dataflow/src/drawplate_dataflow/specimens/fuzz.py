# SPDX-License-Identifier: Apache-2.0
"""Random networks that go to the edges: uneven foldings, most negative weights, thresholds that are never reached."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from drawplate_dataflow.layers import ArgMax, MatMul, Pad, Pool, PoolFunction, Threshold, Window
from drawplate_dataflow.network import INPUT, Layer, Memory, Network, Stream
from drawplate_dataflow.network.types import (
    BIPOLAR,
    TERNARY,
    Integers,
    IntType,
    signed,
    spanning,
    sum_range,
    unsigned,
)


def random_chain(seed: int, layers: int) -> Network:
    """Make a chain of matrix layers with random shapes, types and foldings; some end in an argmax."""
    rng = np.random.default_rng(seed)
    start = Stream(shape=(1, 1, int(rng.integers(3, 40))), type=random_type(rng))
    made: list[Layer] = []
    source, x = INPUT, start
    for number in range(layers):
        final = number == layers - 1
        layer = random_matrix(rng, f"matmul{number}", source, x, sums=final)
        made.append(layer)
        source, x = layer.name, layer.output
    if rng.random() < 0.3:
        kind = unsigned(max(1, (x.elements - 1).bit_length()))
        made.append(ArgMax(name="argmax", inputs=(source,), output=Stream(shape=(1, 1, 1), type=kind)))
    return Network(name=f"chain{seed}", input=start, layers=tuple(made))


def in_blocks(network: Network, seed: int) -> Network:
    """Let some, or all, processing elements of every matrix layer multiply in multiplier blocks."""
    rng = np.random.default_rng(seed)
    layers = (
        evolve(layer, dsp_pe=int(rng.integers(1, layer.pe + 1)))
        if isinstance(layer, MatMul) and layer.sf * layer.nf > 1
        else layer
        for layer in network.layers
    )
    return evolve(network, layers=tuple(layers))


def random_image(seed: int) -> Network:
    """Make a small convolutional network: padding, window, matrix, pooling, thresholds, matrix."""
    rng = np.random.default_rng(seed)
    kernel = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    stride = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
    height, width = (int(rng.integers(size + 2, size + 5)) for size in kernel)
    start = Stream(shape=(height, width, int(rng.integers(1, 5))), type=random_type(rng, bipolar=False))
    made: list[Layer] = [_padding(rng, start)]
    made.append(_window(rng, made[-1], kernel, stride))
    made.append(random_matrix(rng, "matmul0", made[-1].name, made[-1].output, sums=False))
    out = made[-1].output
    if min(out.shape[:2]) >= 2:
        made.append(_pooling(rng, made[-1]))
    made.append(_thresholds(rng, made[-1]))
    made.append(random_matrix(rng, "matmul1", made[-1].name, made[-1].output, sums=True))
    return Network(name=f"image{seed}", input=start, layers=tuple(made))


def random_values(network: Network, frames: int, seed: int) -> Integers:
    """Draw values of the input stream, [frames, elements]."""
    kind = network.input.type
    codes = np.random.default_rng(seed).integers(0, 1 << kind.bits, (frames, network.input.elements))
    return kind.decode(codes)


def random_type(rng: np.random.Generator, *, bipolar: bool = True) -> IntType:
    """Draw an activation type of 1 to 5 bits."""
    bits = int(rng.integers(1, 6))
    choices = [unsigned(bits), signed(bits), IntType(bits, -int(rng.integers(0, 1 << bits)))]
    return BIPOLAR if bipolar and rng.random() < 0.25 else choices[int(rng.integers(len(choices)))]


def random_matrix(rng: np.random.Generator, name: str, source: str, x: Stream, *, sums: bool) -> MatMul:
    """Draw a matrix layer over the pixels of ``x``."""
    kinds = [BIPOLAR, TERNARY, *(signed(bits) for bits in range(2, 6)), unsigned(2)]
    weight_type = kinds[int(rng.integers(len(kinds)))]
    mh = int(rng.integers(2, 20))
    weights = weight_type.decode(
        rng.integers(0, min(1 << weight_type.bits, 3 if weight_type == TERNARY else 99), (x.channels, mh))
    )
    low, high = sum_range(weights, x.type)
    if sums:
        thresholds, kind = None, spanning(int(low.min()), int(high.max()))
    else:
        kind = random_type(rng)
        count = int(rng.integers(1, 1 << kind.bits)) if not kind.bipolar else 1
        # Beyond both ends: thresholds that are always and never reached; rounding makes some equal.
        thresholds = np.sort(rng.integers(low.min() - 3, high.max() + 4, (mh, count)), axis=1)
    pe, simd = _folding(rng, weight_type, x.channels, mh)
    return MatMul(
        name=name,
        inputs=(source,),
        output=Stream(shape=(x.shape[0], x.shape[1], mh), type=kind),
        weights=weights,
        weight_type=weight_type,
        thresholds=thresholds,
        pe=pe,
        simd=simd,
        memory=(Memory.AUTO, Memory.BLOCK)[int(rng.integers(2))],
    )


def _folding(rng: np.random.Generator, weight_type: IntType, mw: int, mh: int) -> tuple[int, int]:
    """Draw PE and SIMD that can be built; with weights that can be zero they need not divide."""
    even = weight_type.bipolar
    simds = [simd for simd in range(1, mw + 1) if not even or mw % simd == 0]
    simd = int(rng.choice(simds))
    sf = -(-mw // simd)
    pes = [pe for pe in range(1, mh + 1) if not even or mh % pe == 0]
    drained = [pe for pe in pes if any(pe % u == 0 and mh % u == 0 and pe // u <= sf for u in range(1, pe + 1))]
    return int(rng.choice(drained)), simd


def _divisor(rng: np.random.Generator, number: int) -> int:
    return int(rng.choice([divisor for divisor in range(1, number + 1) if number % divisor == 0]))


def _padding(rng: np.random.Generator, x: Stream) -> Pad:
    top, left, bottom, right = (int(value) for value in rng.integers(0, 3, 4))
    height, width, channels = x.shape
    return Pad(
        name="pad",
        inputs=(INPUT,),
        output=Stream(shape=(height + top + bottom, width + left + right, channels), type=x.type),
        top=top,
        left=left,
        bottom=bottom,
        right=right,
        simd=_divisor(rng, channels),
    )


def _window(rng: np.random.Generator, before: Layer, kernel: tuple[int, int], stride: tuple[int, int]) -> Window:
    height, width, channels = before.output.shape
    shape = ((height - kernel[0]) // stride[0] + 1, (width - kernel[1]) // stride[1] + 1)
    return Window(
        name="window",
        inputs=(before.name,),
        output=Stream(shape=(*shape, kernel[0] * kernel[1] * channels), type=before.output.type),
        kernel=kernel,
        stride=stride,
        simd=_divisor(rng, channels),
    )


def _pooling(rng: np.random.Generator, before: Layer) -> Pool:
    height, width, channels = before.output.shape
    function = PoolFunction.MAX if rng.random() < 0.6 or before.output.type.step != 1 else PoolFunction.SUM
    x = before.output.type
    return Pool(
        name="pool",
        inputs=(before.name,),
        output=Stream(
            shape=(height // 2, width // 2, channels),
            type=x if function is PoolFunction.MAX else spanning(4 * x.low, 4 * x.high),
        ),
        function=function,
        kernel=(2, 2),
        stride=(2, 2),
        pe=_divisor(rng, channels),
    )


def _thresholds(rng: np.random.Generator, before: Layer) -> Threshold:
    x, kind = before.output.type, random_type(rng)
    count = 1 if kind.bipolar else int(rng.integers(1, 1 << kind.bits))
    levels = np.sort(rng.integers(x.low - 1, x.high + 3, (before.output.channels, count)), axis=1)
    return Threshold(
        name="threshold",
        inputs=(before.name,),
        output=Stream(shape=before.output.shape, type=kind),
        thresholds=levels,
        pe=_divisor(rng, before.output.channels),
    )
