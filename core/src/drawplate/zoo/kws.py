# SPDX-License-Identifier: Apache-2.0
"""A small convolutional network for keywords in MFCC (one channel, frames, coefficients), with plain convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class KwsOptions:
    """Options of ``zoo = "kws"``."""

    channels: tuple[int, ...] = option(
        "Output channels of each 3x3 convolution; the first has stride 2.",
        default=(16, 32),
        at_least=1,
    )
    neurons: int = option("Neurons of the hidden layer; 0 for none.", default=32, at_least=0)


def build(options: KwsOptions, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: convolutions without padding, BatchNormalization and ReLU after each, a hidden layer, a head."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("kws", picture(shape, "kws"), seed)
    for number, channels in enumerate(options.channels):
        writer.conv(f"conv{number + 1}", channels, 3, stride=1 if number else 2)
        writer.batch_norm(f"conv{number + 1}.norm")
        writer.activation(f"conv{number + 1}.act")
    writer.flatten("flat")
    if options.neurons:
        writer.linear("fc", options.neurons, bias=False)
        writer.batch_norm("fc.norm")
        writer.activation("fc.act")
    writer.linear("head", classes, bias=False)
    return writer.finish()
