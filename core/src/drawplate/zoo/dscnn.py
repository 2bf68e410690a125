# SPDX-License-Identifier: Apache-2.0
"""DS-CNN: keywords in MFCC by depthwise separable convolutions, as MLPerf Tiny has it.

Zhang et al. 2017, Hello Edge, arXiv 1711.07128, table 2 (small); Banbury et al. 2021, MLPerf Tiny Benchmark, arXiv
2106.07597, section 3.  The reference's dropouts are left out: BatchNormalization follows every convolution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto


@frozen(kw_only=True)
class DsCnnOptions:
    """Options of ``zoo = "dscnn"``."""

    channels: int = option("Channels of all layers.", default=64, at_least=1)
    blocks: int = option("Pairs of a depthwise 3x3 and a pointwise convolution.", default=4, at_least=1)


def build(options: DsCnnOptions, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: a 10x4 convolution with stride 2, separable blocks, an average, a head."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("dscnn", picture(shape, "dscnn"), seed)
    writer.conv("stem", options.channels, (10, 4), stride=2, pad="same")
    writer.batch_norm("stem.norm")
    writer.activation("stem.act")
    for block in range(1, options.blocks + 1):
        writer.separable(f"block{block}", options.channels)
    writer.global_pool("pool")
    writer.flatten("flat")
    writer.linear("head", classes, bias=True)
    return writer.finish()
