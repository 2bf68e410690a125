# SPDX-License-Identifier: Apache-2.0
"""A float model into a quantized one: find the sites, calibrate, write the quantizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.data import Normalisation, normalisation_of
from drawplate_quant_finn.calibrate import activation_scales
from drawplate_quant_finn.codes import InputCodes, record_codes
from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.sites import find_sites
from drawplate_quant_finn.surgery import prepare, quantize_activation, quantize_input, quantize_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto


def quantized(
    proto: ModelProto, options: QuantizeOptions, normalisation: Normalisation, pixels: NDArray[np.uint8]
) -> ModelProto:
    """Return the model with quantizers on weights, activations and input.

    Args:
        proto: float model of normalised pixels; it is changed.
        options: how many bits, where.
        normalisation: of the data, where the model does not say it itself.
        pixels: images to find ranges with, uint8, shape (n, C, H, W).

    Raises:
        ModelError: when the model cannot be quantized.
        FlowError: when an option names a layer that is not there.
    """
    normalisation = normalisation_of(proto) or normalisation
    prepare(proto)
    sites = find_sites(proto, options)
    scales = activation_scales(proto, sites.activations, normalisation.apply(pixels))
    graph = Graph(proto)
    for weights in sites.weights:
        quantize_weights(graph, weights, options)
    for activation in sites.activations:
        quantize_activation(graph, activation, scales[activation], options)
    grid, scale = input_grid(options.input_bits, normalisation)
    quantize_input(graph, grid, scale)
    record_codes(proto, InputCodes(grid, scale))
    return proto


def input_grid(bits: int, normalisation: Normalisation) -> tuple[Grid, float]:
    """Return grid and scale of the input: pixels of 0..1 are unsigned codes, others signed ones.

    With pixels / 255 and 8 bits, the codes are exactly the bytes of the image.
    """
    import numpy as np

    low = min(-mean / std for mean, std in zip(normalisation.mean, normalisation.std, strict=True))
    high = max((1 - mean) / std for mean, std in zip(normalisation.mean, normalisation.std, strict=True))
    grid = Grid(bits, signed=low < 0, narrow=low < 0)
    if grid.bipolar:
        return grid, 1.0
    return grid, float(np.float32(max(high, -low) / grid.high))
