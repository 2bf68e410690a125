# SPDX-License-Identifier: Apache-2.0
"""MobileNetV1 for 96 x 96 images, a quarter wide, as MLPerf Tiny has it for persons in pictures.

Howard et al. 2017, arXiv 1704.04861, table 1; Banbury et al. 2021, MLPerf Tiny Benchmark, arXiv 2106.07597, section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto

# (channels before the width multiplier, stride) of each separable block.
BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))


@frozen(kw_only=True)
class MobileNetV1Options:
    """Options of ``zoo = "mobilenetv1"``."""

    width: float = option("Multiplier of all channels.", default=0.25, above=0)


def build(options: MobileNetV1Options, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: a 3x3 convolution with stride 2, thirteen separable blocks, an average, a head."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("mobilenetv1", picture(shape, "mobilenetv1"), seed)
    writer.conv("stem", max(1, int(32 * options.width)), 3, stride=2, pad="same")
    writer.batch_norm("stem.norm")
    writer.activation("stem.act")
    for number, (channels, stride) in enumerate(BLOCKS, start=1):
        writer.separable(f"block{number}", max(1, int(channels * options.width)), stride=stride)
    writer.global_pool("pool")
    writer.flatten("flat")
    writer.linear("head", classes, bias=True)
    return writer.finish()
