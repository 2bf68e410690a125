# SPDX-License-Identifier: Apache-2.0
"""Networks with random integers and the convolutional topology CNV of Umuroglu et al. (FINN, FPGA 2017), any width."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from drawplate_dataflow.layers import MatMul, Pool, PoolFunction, Window
from drawplate_dataflow.network import INPUT, Layer, Network, Stream
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_matmul


def random_cnv(channels: tuple[int, int, int], dense: int, bits: int, seed: int = 0) -> Network:
    """Make two 3 x 3 convolutions per width, pooling after the first two widths, two dense layers.

    Args:
        channels: outputs of the convolutions of each width.
        dense: outputs of the hidden dense layer.
        bits: of weights and activations; the input is a 32 x 32 image of three 8-bit channels.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    start = Stream(shape=(32, 32, 3), type=unsigned(8))
    layers: list[Layer] = []
    source, x = INPUT, start
    for level, width in enumerate(channels):
        for half in range(2):
            name = f"conv{level}{'ab'[half]}"
            layers += convolution(rng, name, source, x, _shape(width, bits))
            source, x = name, layers[-1].output
        if level < 2:
            layers.append(halve(f"pool{level}", source, x))
            source, x = layers[-1].name, layers[-1].output
    flat = Stream(shape=(1, 1, x.elements), type=x.type)
    layers.append(random_matmul(rng, "dense", source, flat, _shape(dense, bits)))
    last = LayerShape(mh=10, pe=1, simd=1, weight_bits=bits, output_bits=None)
    layers.append(random_matmul(rng, "classes", "dense", layers[-1].output, last))
    return Network(name="cnv", input=start, layers=tuple(layers))


def folded_for(network: Network, cycles: int) -> Network:
    """Fold every layer to at most ``cycles`` clocks per frame, SIMD first, then PE, by divisors."""
    layers: list[Layer] = []
    for layer in network.layers:
        if isinstance(layer, MatMul):
            layers.append(_fold(layer, cycles))
        elif isinstance(layer, Window):
            kernel = layer.kernel[0] * layer.kernel[1]
            channels = layer.output.channels // kernel
            lanes = [lane for lane in _divisors(channels) if layer.output.elements // lane <= cycles]
            layers.append(evolve(layer, simd=lanes[0] if lanes else channels))
        elif isinstance(layer, Pool):
            lanes = [lane for lane in _divisors(layer.output.channels) if 4 * layer.output.elements // lane <= cycles]
            layers.append(evolve(layer, pe=lanes[0] if lanes else layer.output.channels))
        else:
            layers.append(layer)
    return evolve(network, layers=tuple(layers))


def _fold(layer: MatMul, cycles: int) -> MatMul:
    options = [
        (simd * pe, pe, simd)
        for simd in _divisors(layer.mw)
        for pe in _divisors(layer.mh)
        if (layer.mw // simd) * (layer.mh // pe) * layer.output.pixels <= cycles and pe <= layer.mw // simd
    ]
    _, pe, simd = min(options)
    return evolve(layer, pe=pe, simd=simd)


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]


def _shape(width: int, bits: int) -> LayerShape:
    return LayerShape(mh=width, pe=1, simd=1, weight_bits=bits, output_bits=bits)


def convolution(rng: np.random.Generator, name: str, source: str, x: Stream, shape: LayerShape) -> list[Layer]:
    """Make a window of 3 x 3 pixels and the matrix behind it, without padding."""
    height, width, channels = x.shape
    wide = Stream(shape=(height - 2, width - 2, 9 * channels), type=x.type)
    window = Window(name=f"{name}_window", inputs=(source,), output=wide, kernel=(3, 3), stride=(1, 1), simd=1)
    return [window, random_matmul(rng, name, window.name, wide, shape)]


def halve(name: str, source: str, x: Stream) -> Pool:
    """Make a pool that keeps the greatest of 2 x 2 pixels."""
    half = Stream(shape=(x.shape[0] // 2, x.shape[1] // 2, x.channels), type=x.type)
    return Pool(name=name, inputs=(source,), output=half, function=PoolFunction.MAX, kernel=(2, 2), stride=(2, 2), pe=1)
