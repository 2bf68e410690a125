# SPDX-License-Identifier: Apache-2.0
"""A float model into a quantized one: find the sites, calibrate, write the quantizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.data import Normalisation, normalisation_of
from drawplate.input_codes import InputCodes, input_codes
from drawplate_quant_finn.graph import Graph, prepare
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.calibrate import SAMPLES, activation_scales
from drawplate_quant_finn.quantizing.sites import find_sites
from drawplate_quant_finn.quantizing.surgery import quantize_activation, quantize_input, quantize_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto


def quantized(
    proto: ModelProto,
    options: QuantizeOptions,
    normalisation: Normalisation,
    items: NDArray[Any],
    samples: int = SAMPLES,
) -> ModelProto:
    """Return the model with quantizers on weights, activations and input.

    Args:
        proto: float model of normalised items; it is changed.
        options: how many bits, where.
        normalisation: of the data, where the model does not say it itself.
        items: what to find the activations' ranges with, shape (n, ...), before normalisation.
        samples: values looked at per activation.

    Raises:
        ModelError: when the model cannot be quantized.
        FlowError: when an option names a layer that is not there.
    """
    normalisation = normalisation_of(proto) or normalisation
    prepare(proto)
    sites = find_sites(proto, options)
    scales = activation_scales(proto, sites.activations, normalisation.apply(items), options.act_ranges, samples)
    graph = Graph(proto)
    for weights in sites.weights:
        quantize_weights(graph, weights, options)
    for activation in sites.activations:
        quantize_activation(graph, activation, scales[activation], options)
    grid, scale = input_grid(options.input_bits, normalisation)
    quantize_input(graph, grid, scale)
    InputCodes(bits=grid.bits, signed=grid.signed, narrow=grid.narrow, scale=scale).record(proto)
    return proto


def input_grid(bits: int, normalisation: Normalisation) -> tuple[Grid, float]:
    """Return grid and scale of the input: unsigned codes where nothing is negative, else signed ones.

    The range is what the model can be fed: of bytes the whole of it, of other data what the flow says, or what the
    training data have.  With pixels / 255 and 8 bits, the codes are exactly the bytes of the image.
    """
    import numpy as np

    low, high = normalisation.fed
    grid = Grid(bits, signed=low < 0, narrow=low < 0)
    if grid.bipolar:
        return grid, 1.0
    return grid, float(np.float32(max(high, -low) / grid.high)) or 1.0


def input_notes(proto: ModelProto, normalisation: Normalisation, items: NDArray[Any]) -> tuple[str, ...]:
    """Say what the codes of a quantized model's input are, where they are no bytes, and how many of them are used."""
    from drawplate.task.strength import of_codes

    codes = input_codes(proto)
    if codes is None or codes.sign:
        return ()
    low, high = normalisation.fed
    span = f"inputs from {low:g} to {high:g} become codes from {codes.low} to {codes.high}"
    said = "" if normalisation.of_bytes else span
    return tuple(filter(None, (said, of_codes(codes.of(normalisation.apply(items)), codes.high - codes.low + 1))))
