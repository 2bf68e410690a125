# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Post-training quantization of a whole network, layer by layer from the input on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from drawplate_quant_finn.graph import Graph
from drawplate_quant_finn.posttraining.bias import correct_bias
from drawplate_quant_finn.posttraining.equalize import equalized
from drawplate_quant_finn.posttraining.layer import layer_of
from drawplate_quant_finn.posttraining.rounding import METHODS
from drawplate_quant_finn.posttraining.taps import Taps

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto

    from drawplate_quant_finn.options import QuantizeOptions
    from drawplate_quant_finn.quantizing.sites import WeightSite


def equalize(proto: ModelProto, options: QuantizeOptions, items: NDArray[Any]) -> tuple[str, ...]:
    """Equalize a float model in place, and say of how many pairs of layers."""
    if options.equalize == "none":
        return ()
    pairs = equalized(proto, options.equalize, torch.from_numpy(items[: options.rounding_images]))
    return (f"channels of {pairs} pairs of layers equalized",)


def round_layers(
    proto: ModelProto,
    plain: ModelProto,
    sites: tuple[WeightSite, ...],
    options: QuantizeOptions,
    items: NDArray[Any],
    seed: int,
) -> tuple[str, ...]:
    """Round the weights of a quantized model anew, and correct its biases, in place.

    Each layer is rounded on what it gets from the layers before it, which are rounded by then.

    Args:
        proto: the quantized model, every scale of weights a number.
        plain: the float model that it was made from, with the same names.
        sites: where its weights are.
        options: which method, and on how many items.
        items: calibration items, as the model is fed them, float32 (n, ...).
        seed: of the batches that learned rounding draws.

    Returns:
        what is to be said of it.
    """
    given = torch.from_numpy(items[: options.rounding_images])
    graph, exact = Graph(proto), Taps(plain, given)
    signs, untouched = [], []
    for site in sites:
        if site.grid.bipolar:
            signs.append(site.layer)
        elif options.rounding != "nearest":
            layer = layer_of(graph, site)
            layer.write(graph, METHODS[options.rounding](layer, Taps(proto, given), exact, seed))
        if options.correct_bias and not correct_bias(graph, site.layer, Taps(proto, given), exact):
            untouched.append(site.layer)
    notes = []
    if signs and options.rounding != "nearest":
        notes.append(f"weights of one bit stay signs: {', '.join(signs)}")
    if untouched:
        notes.append(f"no bias to correct in {', '.join(untouched)}")
    return tuple(notes)
