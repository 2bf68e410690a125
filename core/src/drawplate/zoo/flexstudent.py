# SPDX-License-Identifier: Apache-2.0
"""FlexStudent: the paper's student with evolving layers; its default is the 5-layer CNN of H. Li, CS230 2018."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class FlexStudentOptions:
    """Options of ``zoo = "flexstudent"``: the four genes of the paper."""

    conv_layers: int = option("Convolutional layers; each is followed by a pool while it fits.", default=3, at_least=1)
    fc_layers: int = option("Fully connected layers, the last one included.", default=2, at_least=1)
    channels: tuple[int, ...] = option(
        "Output channels: of the first layer, doubling from layer to layer; or one number per layer.",
        default=(32,),
        at_least=1,
    )
    neurons: int = option("Neurons of each hidden fully connected layer.", default=128, at_least=1)
    dropout: float = option("Dropout after each hidden fully connected layer.", default=0.0, at_least=0, below=1)


def widths(options: FlexStudentOptions) -> tuple[int, ...]:
    """Return the output channels of every convolutional layer.

    Raises:
        FlowError: when ``channels`` has neither one entry nor one per layer.
    """
    from drawplate.errors import FlowError

    if len(options.channels) == 1:
        return tuple(options.channels[0] * 2**layer for layer in range(options.conv_layers))
    if len(options.channels) != options.conv_layers:
        raise FlowError(
            f"channels has {len(options.channels)} entries for {options.conv_layers} layers",
            allowed="one entry, or one per layer",
        )
    return options.channels


def build(options: FlexStudentOptions, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: convolution, BatchNormalization, pool, ReLU; then the fully connected layers."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("flexstudent", picture(shape, "flexstudent"), seed)
    for number, channels in enumerate(widths(options), start=1):
        writer.conv(f"conv{number}", channels, 3, pad=1, bias=True)
        writer.batch_norm(f"conv{number}.norm")
        if min(writer.shape[1:]) >= 2:
            writer.max_pool(f"conv{number}.pool", 2)
        writer.activation(f"conv{number}.act")
    writer.flatten("flat")
    for number in range(1, options.fc_layers):
        writer.linear(f"fc{number}", options.neurons, bias=True)
        writer.batch_norm(f"fc{number}.norm")
        writer.activation(f"fc{number}.act")
        if options.dropout:
            writer.dropout(f"fc{number}.drop", options.dropout)
    writer.linear("head", classes, bias=True)
    return writer.finish()
