# SPDX-License-Identifier: Apache-2.0
"""MobileNetV2 for 32 x 32 images as RepDistiller has it (models/mobilenetv2.py, "mobile_half"); Sandler et al. 2018."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.options import option
from drawplate.zoo.architecture import Shape, picture

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.zoo.writer import Writer

# (expansion, channels, blocks, stride) per stage; channels before the width multiplier.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


@frozen(kw_only=True)
class MobileNetV2Options:
    """Options of ``zoo = "mobilenetv2"``."""

    width: float = option("Multiplier of all channels.", default=0.5, above=0)
    stem_stride: int = option("Stride of the first convolution.", default=2, choices=(1, 2))
    activation: str = option("After each convolution but the projections.", default="relu", choices=("relu", "relu6"))


def build(options: MobileNetV2Options, *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Write it."""
    from drawplate.zoo.writer import Writer

    writer = Writer.start("mobilenetv2", picture(shape, "mobilenetv2"), seed)
    _unit(writer, "stem", int(32 * options.width), options.activation, kernel=3, stride=options.stem_stride)
    for stage, (expansion, channels, blocks, stride) in enumerate(STAGES, start=1):
        for block in range(blocks):
            name = f"stage{stage}.block{block}"
            _block(
                writer,
                name,
                (expansion, int(channels * options.width), stride if block == 0 else 1),
                options.activation,
            )
    last = 1280 if options.width <= 1 else int(1280 * options.width)
    _unit(writer, "last", last, options.activation)
    writer.global_pool("pool")
    writer.flatten("flat")
    writer.linear("head", classes, bias=True)
    return writer.finish()


def _unit(  # noqa: PLR0913 - the parameters of a convolution
    writer: Writer,
    name: str,
    channels: int,
    activation: str | None,
    *,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
) -> None:
    writer.conv(name, channels, kernel, stride=stride, pad=kernel // 2, groups=groups)
    writer.batch_norm(f"{name}.norm")
    if activation:
        writer.activation(f"{name}.act", activation)


def _block(writer: Writer, name: str, plan: tuple[int, int, int], activation: str) -> None:
    expansion, channels, stride = plan
    start, taken = writer.value, writer.shape[0]
    inner = taken * expansion
    _unit(writer, f"{name}.expand", inner, activation)
    _unit(writer, f"{name}.depthwise", inner, activation, kernel=3, stride=stride, groups=inner)
    _unit(writer, f"{name}.project", channels, None)
    if stride == 1 and taken == channels:
        writer.add(f"{name}.add", start)
