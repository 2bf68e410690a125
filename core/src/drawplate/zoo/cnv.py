# SPDX-License-Identifier: Apache-2.0
"""CNV: FINN's small VGG for 32 x 32 images (Umuroglu et al., FPGA 2017, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class CnvOptions:
    """Options of ``zoo = "cnv"``."""

    width: float = option("Multiplier of all channels and neurons.", default=1.0, above=0)
    activation: str = option("After each layer.", default="relu", choices=("relu", "tanh", "hardtanh"))


def build(options: CnvOptions, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: three pairs of 3x3 convolutions without padding (64, 128, 256), pools after two, two hidden layers."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("cnv", picture(shape, "cnv"), seed)
    number = 0
    for pair, channels in enumerate((64, 128, 256)):
        for _ in range(2):
            number += 1
            writer.conv(f"conv{number}", max(1, int(channels * options.width)), 3)
            writer.batch_norm(f"conv{number}.norm")
            writer.activation(f"conv{number}.act", options.activation)
        if pair < 2:
            writer.max_pool(f"conv{number}.pool", 2)
    writer.flatten("flat")
    for number in (1, 2):
        writer.linear(f"fc{number}", max(1, int(512 * options.width)), bias=False)
        writer.batch_norm(f"fc{number}.norm")
        writer.activation(f"fc{number}.act", options.activation)
    writer.linear("head", classes, bias=False)
    return writer.finish()
