# SPDX-License-Identifier: Apache-2.0
"""A multilayer perceptron; the paper's is 784-256-256-256-10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class MlpOptions:
    """Options of ``zoo = "mlp"``."""

    hidden: tuple[int, ...] = option("Neurons of each hidden layer.", default=(256, 256, 256), at_least=1)
    bias: bool = option("Whether the last layer has a bias: numbers need one, classes hardly.", default=False)
    activation: str = option("After each hidden layer.", default="relu", choices=("relu", "tanh", "hardtanh"))


@frozen(kw_only=True)
class AutoencoderOptions(MlpOptions):
    """Options of ``zoo = "autoencoder"``, the network of MLPerf Tiny for anomalies in sounds (arXiv 2106.07597)."""

    hidden: tuple[int, ...] = option(
        "Neurons of each hidden layer.", default=(128, 128, 128, 128, 8, 128, 128, 128, 128), at_least=1
    )
    bias: bool = option("Whether the last layer has a bias: numbers need one, classes hardly.", default=True)


def build(options: MlpOptions, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: no biases, BatchNormalization after every layer but the last, as FINN streamlines best."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("mlp", shape, seed)
    if len(shape) > 1:
        writer.flatten("flat")
    for number, units in enumerate(options.hidden, start=1):
        writer.linear(f"fc{number}", units, bias=False)
        writer.batch_norm(f"fc{number}.norm")
        writer.activation(f"fc{number}.act", options.activation)
    writer.linear("head", classes, bias=options.bias)
    return writer.finish()
