# SPDX-License-Identifier: Apache-2.0
"""The networks that published measurements were taken on, rebuilt from their descriptions.

- MLP and CNV: QuTiBench (github.com/RCL-lab/QutibenchWeb), at 100, 50, 25 and 12.5 % of the channels.
- ResNet-18 and -50: He et al. 2016, table 1; version 1 strides in a block's first convolution, torch's in the second.
- MobileOne S0 after re-parametrisation: Vasu et al. 2023, table 2.
- AlexNet variant: the graph printed in nn-Meter's example notebook (github.com/microsoft/nn-Meter).
- YOLOv8: the yolov8.yaml of Ultralytics, without the decoding of boxes, which runs on the host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from drawplate_target_myriadx.calibration.layers import Net, Value
from drawplate_target_myriadx.calibration.yolov8 import yolov8

if TYPE_CHECKING:
    from onnx import ModelProto


def mlp(hidden: int) -> ModelProto:
    """Three hidden layers of so many neurons."""
    net = Net.of(1, 28, 28)
    x = net.flatten(net.input)
    for _ in range(3):
        x = net.relu(net.linear(x, hidden))
    return net.finish(net.linear(x, 10))


def cnv(width: float) -> ModelProto:
    """Three pairs of convolutions without padding, three fully connected layers."""
    net = Net.of(3, 32, 32)
    x = net.input
    for pair, channels in enumerate((64, 128, 256)):
        for _ in range(2):
            x = net.relu(net.conv(x, int(channels * width), 3, pad=0))
        if pair < 2:
            x = net.pool(x, 2, 2)
    x = net.flatten(x)
    for _ in range(2):
        x = net.relu(net.linear(x, int(512 * width)))
    return net.finish(net.linear(x, 10))


def resnet18() -> ModelProto:
    """Basic blocks, two per stage."""
    net = Net.of(3, 224, 224)
    x = _stem(net)
    for stage, channels in enumerate((64, 128, 256, 512)):
        for block in range(2):
            stride = 2 if stage and not block else 1
            inner = net.conv(net.relu(net.conv(x, channels, 3, stride)), channels, 3)
            skip = net.conv(x, channels, 1, stride) if stride > 1 else x
            x = net.relu(net.add(inner, skip))
    return net.finish(net.linear(net.average(x), 1000))


def resnet50(*, first: bool) -> ModelProto:
    """Bottlenecks; ``first`` says which of a block's convolutions strides."""
    net = Net.of(3, 224, 224)
    x = _stem(net)
    for stage, (channels, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            inner = net.relu(net.conv(x, channels, 1, stride if first else 1))
            inner = net.relu(net.conv(inner, channels, 3, 1 if first else stride))
            inner = net.conv(inner, 4 * channels, 1)
            skip = x if block else net.conv(x, 4 * channels, 1, stride)
            x = net.relu(net.add(inner, skip))
    return net.finish(net.linear(net.average(x), 1000))


def _stem(net: Net) -> Value:
    return net.pool(net.relu(net.conv(net.input, 64, 7, 2)), 3, 2, 1)


def mobileone_s0() -> ModelProto:
    """Depthwise and pointwise convolutions."""
    net = Net.of(3, 224, 224)
    x = net.relu(net.conv(net.input, 48, 3, 2))
    for blocks, channels in ((2, 48), (8, 128), (10, 256), (1, 1024)):
        for block in range(blocks):
            x = net.relu(net.conv(x, x.shape[0], 3, 1 if block else 2, groups=x.shape[0]))
            x = net.relu(net.conv(x, channels, 1))
    return net.finish(net.linear(net.average(x), 1000))


def alexnet_variant() -> ModelProto:
    """The AlexNet-like network with 63, 38, 652, 204 and 179 channels."""
    net = Net.of(3, 224, 224)
    x = net.pool(net.relu(net.conv(net.input, 63, 7, 4)), 3, 2, 1)
    x = net.pool(net.relu(net.conv(x, 38, 1)), 3, 2)
    for channels, kernel in ((652, 3), (204, 7), (179, 3)):
        x = net.relu(net.conv(x, channels, kernel))
    x = net.average(net.pool(x, 3, 2))
    for units in (2867, 4505):
        x = net.relu(net.linear(x, units))
    return net.finish(net.linear(x, 1000))


NETWORKS: Final[Mapping[str, Callable[[], ModelProto]]] = {
    "mlp-100": partial(mlp, 2048),
    "mlp-50": partial(mlp, 1024),
    "mlp-25": partial(mlp, 512),
    "mlp-12.5": partial(mlp, 256),
    "cnv-100": partial(cnv, 2),
    "cnv-50": partial(cnv, 1),
    "cnv-25": partial(cnv, 0.5),
    "cnv-12.5": partial(cnv, 0.25),
    "resnet18": resnet18,
    "resnet50": partial(resnet50, first=False),
    "resnet50-v1": partial(resnet50, first=True),
    "mobileone-s0": mobileone_s0,
    "alexnet-variant": alexnet_variant,
    "yolov8n-416": partial(yolov8, "n", 416),
    "yolov8n-640": partial(yolov8, "n", 640),
    "yolov8s-416": partial(yolov8, "s", 416),
    "yolov8m-416": partial(yolov8, "m", 416),
}
