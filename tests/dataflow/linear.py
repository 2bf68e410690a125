# SPDX-License-Identifier: Apache-2.0
"""A network whose thresholds lie on lines."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import Network, unsigned
from drawplate_dataflow.network.types import sum_range
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp


def requantised() -> Network:
    """Layers with the evenly spaced thresholds of a quantized ReLU."""
    shape = LayerShape(mh=12, pe=3, simd=8, weight_bits=4, output_bits=8)
    network = random_mlp(32, unsigned(8), [shape, evolve(shape, pe=4, output_bits=6), evolve(shape, output_bits=None)])
    rng, layers, x = np.random.default_rng(0), [], network.input
    for layer in network.layers:
        assert isinstance(layer, MatMul)
        if layer.thresholds is not None:
            low, high = sum_range(layer.weights, x.type)
            count = layer.thresholds.shape[1]
            step = (high - low) / count * rng.uniform(0.3, 0.8, layer.mh)
            levels = (low + high)[:, None] / 2 + step[:, None] * (np.arange(count) - count / 2 + 0.5)
            layers.append(evolve(layer, thresholds=np.ceil(levels).astype(np.int64)))
        else:
            layers.append(layer)
        x = layer.output
    low, high = sum_range(layers[-1].weights, layers[-2].output.type)
    return evolve(network, layers=tuple(layers))
