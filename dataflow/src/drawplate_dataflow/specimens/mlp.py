# SPDX-License-Identifier: Apache-2.0
"""Networks with random integers, for calibration, tests and measurements of hardware."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import INPUT, Memory, Network, Stream
from drawplate_dataflow.network.types import BIPOLAR, Integers, IntType, signed, spanning, sum_range, unsigned


@frozen(kw_only=True)
class LayerShape:
    """A random matrix layer: outputs, folding, and bits (1 means bipolar)."""

    mh: int
    pe: int
    simd: int
    weight_bits: int
    output_bits: int | None
    """None sends the sums."""
    memory: Memory = Memory.AUTO
    dsp_pe: int = 0


def activation_type(bits: int) -> IntType:
    """Bipolar for one bit, else unsigned."""
    return BIPOLAR if bits == 1 else unsigned(bits)


def random_mlp(inputs: int, input_type: IntType, shapes: Sequence[LayerShape], seed: int = 0) -> Network:
    """Make a multilayer perceptron with weights and thresholds drawn from ``seed``.

    Args:
        inputs: elements of the input vector.
        input_type: their type.
        shapes: the layers.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    source, x = INPUT, Stream(shape=(1, 1, inputs), type=input_type)
    layers: list[MatMul] = []
    start = x
    for number, shape in enumerate(shapes):
        layer = random_matmul(rng, f"matmul{number}", source, x, shape)
        layers.append(layer)
        source, x = layer.name, layer.output
    return Network(name="specimen", input=start, layers=tuple(layers))


def random_matmul(rng: np.random.Generator, name: str, source: str, x: Stream, shape: LayerShape) -> MatMul:
    """Make a matrix layer that reads pixels of the stream ``x``."""
    weight_type = BIPOLAR if shape.weight_bits == 1 else signed(shape.weight_bits)
    weights = _weights(rng, (x.channels, shape.mh), weight_type)
    low, high = sum_range(weights, x.type)
    if shape.output_bits is None:
        thresholds, kind = None, spanning(int(low.min()), int(high.max()))
    else:
        kind = activation_type(shape.output_bits)
        count = (1 << shape.output_bits) - 1
        middle, width = (low + high)[:, None] / 2, (high - low)[:, None]
        drawn = middle + rng.normal(0, 0.06, (shape.mh, count)) * width
        thresholds = np.sort(np.round(drawn).astype(np.int64), axis=1)
    return MatMul(
        name=name,
        inputs=(source,),
        output=Stream(shape=(x.shape[0], x.shape[1], shape.mh), type=kind),
        weights=weights,
        weight_type=weight_type,
        thresholds=thresholds,
        pe=shape.pe,
        simd=shape.simd,
        memory=shape.memory,
        dsp_pe=shape.dsp_pe,
    )


def _weights(rng: np.random.Generator, shape: tuple[int, int], kind: IntType) -> Integers:
    if kind.bipolar:
        return rng.choice(np.array([-1, 1]), shape)
    drawn = np.round(rng.normal(0, max(kind.high / 2.2, 0.7), shape)).astype(np.int64)
    return np.clip(drawn, -kind.high, kind.high)
