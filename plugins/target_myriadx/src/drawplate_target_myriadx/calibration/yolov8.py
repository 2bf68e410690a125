# SPDX-License-Identifier: Apache-2.0
"""YOLOv8 as Ultralytics' yolov8.yaml describes it, up to the convolutions of its heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from drawplate_target_myriadx.calibration.layers import Net, Value

if TYPE_CHECKING:
    from onnx import ModelProto

CLASSES: Final = 80
BINS: Final = 16
"""Of the distribution over each side's distance (``reg_max``)."""


@frozen
class Scale:
    """Multipliers of depth and width, and the most channels before the width multiplier."""

    depth: float
    width: float
    most: int

    def channels(self, base: int) -> int:
        """Channels, rounded up to a multiple of 8."""
        return int(-(-min(base, self.most) * self.width // 8) * 8)

    def blocks(self, base: int) -> int:
        """Blocks, at least one."""
        return max(round(base * self.depth), 1)


SCALES: Final = {"n": Scale(0.33, 0.25, 1024), "s": Scale(0.33, 0.5, 1024), "m": Scale(0.67, 0.75, 768)}


def yolov8(scale: str, size: int) -> ModelProto:
    """Write the network for square images."""
    net, of = Net.of(3, size, size), SCALES[scale]
    x = _conv(net, _conv(net, net.input, of.channels(64), 3, 2), of.channels(128), 3, 2)
    x = _c2f(net, x, of.channels(128), of.blocks(3), shortcut=True)
    p3 = _c2f(net, _conv(net, x, of.channels(256), 3, 2), of.channels(256), of.blocks(6), shortcut=True)
    p4 = _c2f(net, _conv(net, p3, of.channels(512), 3, 2), of.channels(512), of.blocks(6), shortcut=True)
    p5 = _c2f(net, _conv(net, p4, of.channels(1024), 3, 2), of.channels(1024), of.blocks(3), shortcut=True)
    p5 = _sppf(net, p5, of.channels(1024))
    n4 = _c2f(net, net.concat(net.upsample(p5), p4), of.channels(512), of.blocks(3), shortcut=False)
    n3 = _c2f(net, net.concat(net.upsample(n4), p3), of.channels(256), of.blocks(3), shortcut=False)
    down = _conv(net, n3, of.channels(256), 3, 2)
    m4 = _c2f(net, net.concat(down, n4), of.channels(512), of.blocks(3), shortcut=False)
    down = _conv(net, m4, of.channels(512), 3, 2)
    m5 = _c2f(net, net.concat(down, p5), of.channels(1024), of.blocks(3), shortcut=False)
    return net.finish(*(_head(net, level, n3.shape[0]) for level in (n3, m4, m5)))


def _conv(net: Net, x: Value, channels: int, kernel: int, stride: int = 1) -> Value:
    return net.silu(net.conv(x, channels, kernel, stride))


def _c2f(net: Net, x: Value, channels: int, blocks: int, *, shortcut: bool) -> Value:
    inner = channels // 2
    parts = list(net.halves(_conv(net, x, 2 * inner, 1)))
    for _ in range(blocks):
        y = _conv(net, _conv(net, parts[-1], inner, 3), inner, 3)
        parts.append(net.add(parts[-1], y) if shortcut else y)
    return _conv(net, net.concat(*parts), channels, 1)


def _sppf(net: Net, x: Value, channels: int) -> Value:
    parts = [_conv(net, x, x.shape[0] // 2, 1)]
    for _ in range(3):
        parts.append(net.pool(parts[-1], 5, 1, 2))
    return _conv(net, net.concat(*parts), channels, 1)


def _head(net: Net, x: Value, narrowest: int) -> Value:
    """Boxes and classes of one level."""
    branches = []
    for inner, given in ((max(16, narrowest // 4, 4 * BINS), 4 * BINS), (max(narrowest, CLASSES), CLASSES)):
        y = _conv(net, _conv(net, x, inner, 3), inner, 3)
        branches.append(net.conv(y, given, 1))
    return net.concat(*branches)
