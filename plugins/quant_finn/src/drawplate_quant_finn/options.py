# SPDX-License-Identifier: Apache-2.0
"""Options of the steps ``quantize`` and ``lower``."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate.options import option


@frozen(kw_only=True)
class LayerBits:
    """Bit widths of the layers that one pattern names; what is left out stays as the step's options say."""

    weight_bits: int | None = option("Bits per weight.", default=None, at_least=1, at_most=8)
    act_bits: int | None = option("Bits per activation after the layer.", default=None, at_least=1, at_most=8)


@frozen(kw_only=True)
class QuantizeOptions:
    """How many bits, where, and on which grid."""

    weight_bits: int = option("Bits per weight; 1 is the sign.", default=4, at_least=1, at_most=8)
    act_bits: int = option("Bits per activation; 1 is the sign.", default=4, at_least=1, at_most=8)
    input_bits: int = option("Bits per number that the network is fed.", default=8, at_least=1, at_most=8)
    first_bits: int | None = option(
        "Bits per weight of the first layer, where they differ.", default=None, at_least=1, at_most=8
    )
    last_bits: int | None = option(
        "Bits per weight of the last layer, where they differ.", default=None, at_least=1, at_most=8
    )
    layers: Mapping[str, LayerBits] = option(
        "Bit widths by name or pattern (*, ?) of a node: a weighted layer, or an activation.", default={}
    )
    weight_quantizer: str = option(
        "Grid of the weights. paper: fixed power-of-two step; max: up to the largest weight; learned: a trained step; "
        "error: a trained step that starts where the squared error is least.",
        default="max",
        choices=("paper", "max", "learned", "error"),
    )
    scales: str = option(
        "One scale per weight tensor, or one per output channel.", default="tensor", choices=("tensor", "channel")
    )
    act_scales: str = option(
        "Steps of the activations after calibration: trained with the weights, or kept.",
        default="learned",
        choices=("learned", "fixed"),
    )
    act_ranges: str = option(
        "Ranges of the activations before training: of the least squared error, up to a percentile of 99.9, or to the "
        "largest value.",
        default="error",
        choices=("error", "percentile", "largest"),
    )
    equalize: str = option(
        "Even out channels across pairs of layers first, by Brevitas: of weights, or of weights and activations.",
        default="none",
        choices=("none", "weights", "activations"),
    )
    rounding: str = option(
        "How weights are rounded without training, by Brevitas: to nearest, gptq, gpfq, or learned up or down.",
        default="nearest",
        choices=("nearest", "gptq", "gpfq", "learned"),
    )
    correct_bias: bool = option("Take off what rounding moves the outputs of each layer by on average.", default=False)
    rounding_images: int = option(
        "Training images that weights are rounded and biases corrected with.", default=256, at_least=1, unit="images"
    )
    calibration_images: int = option(
        "Training images that the activations' ranges are found with.", default=1000, at_least=1, unit="images"
    )


@frozen(kw_only=True)
class LowerOptions:
    """How the lowered model is proved equal."""

    check_images: int | None = option(
        "Compare codes and outputs on the first so many test examples; all where left out.",
        default=None,
        at_least=1,
        unit="examples",
    )
    rounded_share: float = option(
        "Share of a layer's codes in which float32 may differ by its own rounding, each proven.",
        default=0.25,
        at_least=0,
        at_most=1,
    )
    finn: bool = option("Have FINN+ lower the model as well, and compare layer by layer.", default=True)
    finn_seconds: float = option("Time for FINN+ to do so.", default=120.0, above=0, unit="s")
    input_datatype: str | None = option(
        "Integer type of the input's codes (UINT8, INT8, BIPOLAR, ...) of a model without a quantizer at its input.",
        default=None,
    )
    input_scale: float | None = option(
        "What one step of these codes is worth; for UINTn 1 / (2^n - 1) where left out (pixels of 0..1), else 1.",
        default=None,
        above=0,
    )
