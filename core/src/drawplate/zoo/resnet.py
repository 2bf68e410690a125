# SPDX-License-Identifier: Apache-2.0
"""CIFAR ResNets as RepDistiller defines them (models/resnet.py); He et al. 2016, section 4.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.zoo.writer import Writer


@frozen(kw_only=True)
class ResNetOptions:
    """Options of the ResNets; the defaults are resnet8x4's."""

    blocks: int = option("Basic blocks per stage; depth = 6 * blocks + 2.", default=1, at_least=1)
    channels: tuple[int, ...] = option(
        "Output channels of the stem and of each stage.", default=(32, 64, 128, 256), at_least=1
    )


@frozen(kw_only=True)
class ResNet32x4Options(ResNetOptions):
    """Options of resnet32x4."""

    blocks: int = option("Basic blocks per stage; depth = 6 * blocks + 2.", default=5, at_least=1)


@frozen(kw_only=True)
class ResNet20Options(ResNetOptions):
    """Options of resnet20."""

    blocks: int = option("Basic blocks per stage; depth = 6 * blocks + 2.", default=3, at_least=1)
    channels: tuple[int, ...] = option(
        "Output channels of the stem and of each stage.", default=(16, 16, 32, 64), at_least=1
    )


@frozen(kw_only=True)
class ResNet8Options(ResNet20Options):
    """Options of resnet8, the network of MLPerf Tiny for CIFAR-10 (Banbury et al. 2021, arXiv 2106.07597)."""

    blocks: int = option("Basic blocks per stage; depth = 6 * blocks + 2.", default=1, at_least=1)


@frozen(kw_only=True)
class ResNet56Options(ResNet20Options):
    """Options of resnet56."""

    blocks: int = option("Basic blocks per stage; depth = 6 * blocks + 2.", default=9, at_least=1)


def build(options: ResNetOptions, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it: a stem, stages of basic blocks of which all but the first halve the image, an average, a head."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("resnet", picture(shape, "resnet"), seed)
    writer.conv("stem", options.channels[0], 3, pad=1)
    writer.batch_norm("stem.norm")
    writer.activation("stem.act")
    for stage, channels in enumerate(options.channels[1:], start=1):
        for block in range(options.blocks):
            _block(writer, f"stage{stage}.block{block}", channels, 2 if stage > 1 and block == 0 else 1)
    writer.global_pool("pool")
    writer.flatten("flat")
    writer.linear("head", classes, bias=True)
    return writer.finish()


def _block(writer: Writer, name: str, channels: int, stride: int) -> None:
    start, taken = writer.value, writer.shape
    writer.conv(f"{name}.conv1", channels, 3, stride=stride, pad=1)
    writer.batch_norm(f"{name}.norm1")
    writer.activation(f"{name}.act1")
    writer.conv(f"{name}.conv2", channels, 3, pad=1)
    writer.batch_norm(f"{name}.norm2")
    result, given = writer.value, writer.shape
    writer.value, writer.shape = start, taken
    if taken != given:
        writer.conv(f"{name}.skip", channels, 1, stride=stride)
        writer.batch_norm(f"{name}.skip.norm")
    skip, writer.value = writer.value, result
    writer.shape = given
    writer.add(f"{name}.add", skip)
    writer.activation(f"{name}.act2")
