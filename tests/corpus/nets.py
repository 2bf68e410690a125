# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Small networks as people write them in torch, one per idea: their exports are what the door is tried with."""

from __future__ import annotations

from collections.abc import Callable

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

CLASSES = 4
PICTURE, GREY, SERIES, STEPS, ROW = (3, 16, 16), (1, 16, 16), (6, 32), (20, 8), (16,)


@frozen
class Net:
    """A network, what it takes, and what it is for."""

    make: Callable[[], nn.Module]
    shape: tuple[int, ...] = PICTURE
    task: str = "classification"
    data: tuple[int, ...] | None = None
    """Shape of the data's items, where it is another one."""


class Of(nn.Module):
    """A module made of layers and of how they are used."""

    def __init__(self, run: Callable[..., object], **layers: nn.Module) -> None:
        super().__init__()
        self.run = run
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, *given: Tensor) -> object:
        """Use them."""
        return self.run(self, *given)


def conv(i: int, o: int, k: int = 3, s: int = 1, g: int = 1, act: type[nn.Module] | None = nn.ReLU) -> nn.Sequential:
    """Convolution, normalisation, activation."""
    layers = [nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([act()] if act else []))


def mlp() -> nn.Module:
    """Fully connected layers."""
    return nn.Sequential(nn.Flatten(), nn.Linear(768, 32), nn.ReLU(), nn.Linear(32, CLASSES))


def cnn_view() -> nn.Module:
    """``x.view(x.shape[0], -1)``."""
    body = nn.Sequential(conv(3, 8, s=2), conv(8, 8, s=2))
    return Of(lambda m, x: m.fc((y := m.body(x)).view(y.shape[0], -1)), body=body, fc=nn.Linear(128, CLASSES))


def cnn() -> nn.Module:
    """A plain one."""
    return nn.Sequential(
        conv(3, 8), nn.MaxPool2d(2), conv(8, 16), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, CLASSES)
    )


def lenet() -> nn.Module:
    """Average pools and tanh."""
    layers = [nn.Conv2d(3, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3), nn.Tanh(), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32, CLASSES))


def block(width: int, norm: Callable[[int], nn.Module]) -> nn.Module:
    """A residual block."""
    body = nn.Sequential(
        *(nn.Conv2d(width, width, 3, 1, 1), norm(width), nn.ReLU()), nn.Conv2d(width, width, 3, 1, 1), norm(width)
    )
    return Of(lambda m, x: F.relu(x + m.body(x)), body=body)


def pooled(*layers: nn.Module, width: int, classes: int = CLASSES) -> nn.Module:
    """Layers, a global pool, a classifier."""
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


def resnet() -> nn.Module:
    """Residual blocks."""
    return pooled(conv(3, 8, s=2), block(8, nn.BatchNorm2d), block(8, nn.BatchNorm2d), width=8)


def resnet_gn() -> nn.Module:
    """Residual blocks with GroupNorm."""
    return pooled(conv(3, 8, s=2), block(8, lambda w: nn.GroupNorm(2, w)), width=8)


def instance_norm() -> nn.Module:
    """InstanceNorm."""
    return pooled(conv(3, 8, s=2), block(8, lambda w: nn.InstanceNorm2d(w, affine=True)), width=8)


def inverted(i: int, o: int, act: type[nn.Module], *, squeeze: bool = False) -> nn.Module:
    """Expand, depthwise, squeeze, project."""
    wide = 4 * i
    gate = nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, 4, 1), nn.ReLU(), nn.Conv2d(4, wide, 1), nn.Hardsigmoid()
    )
    parts = {"first": nn.Sequential(conv(i, wide, 1, act=act), conv(wide, wide, 3, g=wide, act=act))}
    last = conv(wide, o, 1, act=None)

    def run(m: Of, x: Tensor) -> Tensor:
        y = m.first(x)
        y = m.last(y * m.gate(y) if squeeze else y)
        return x + y if i == o else y

    return Of(run, **parts, gate=gate if squeeze else nn.Identity(), last=last)


def mobilenetv2() -> nn.Module:
    """Inverted residuals, ReLU6."""
    return pooled(conv(3, 8, s=2, act=nn.ReLU6), inverted(8, 8, nn.ReLU6), inverted(8, 12, nn.ReLU6), width=12)


def mobilenetv3() -> nn.Module:
    """Squeeze and excite, HardSwish."""
    blocks = inverted(8, 8, nn.Hardswish, squeeze=True), inverted(8, 12, nn.Hardswish, squeeze=True)
    return pooled(conv(3, 8, s=2, act=nn.Hardswish), *blocks, width=12)


def shufflenet() -> nn.Module:
    """Split, branch, shuffle with a view."""

    def run(m: Of, x: Tensor) -> Tensor:
        x = m.stem(x)
        for side in (m.one, m.two):
            left, right = x.chunk(2, dim=1)
            y = torch.cat((left, side(right)), dim=1)
            n, c, h, w = y.shape
            x = y.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)
        return m.fc(x.mean([2, 3]))

    sides = {name: nn.Sequential(conv(8, 8, 1), conv(8, 8, g=8, act=None), conv(8, 8, 1)) for name in ("one", "two")}
    return Of(run, stem=conv(3, 16, s=2), **sides, fc=nn.Linear(16, CLASSES))


class Last(nn.Module):
    """LayerNorm over channels of a picture."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Channels last, and back."""
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def convnext() -> nn.Module:
    """Depthwise, LayerNorm, GELU, a scale per layer."""
    body = nn.Sequential(
        *(nn.Conv2d(8, 8, 7, 1, 3, groups=8), Last(8), nn.Conv2d(8, 32, 1), nn.GELU(), nn.Conv2d(32, 8, 1))
    )
    part = Of(lambda m, x: x + m.body(x), body=body)
    return pooled(nn.Conv2d(3, 8, 4, 4), Last(8), part, width=8)


class Attention(nn.Module):
    """Attention written out."""

    def __init__(self, width: int, heads: int, *, fused: bool) -> None:
        super().__init__()
        self.heads, self.fused = heads, fused
        self.norm, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """As everybody writes it."""
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = ((q @ k.transpose(-2, -1)) / (c // self.heads) ** 0.5).softmax(-1) @ v
        return x + self.out(y.transpose(1, 2).reshape(n, t, c))


def vit(*, token: bool, fused: bool) -> nn.Module:
    """Patches, positions, attention; with a class token or a mean."""
    made = nn.Module()
    made.token = nn.Parameter(torch.randn(1, 1, 16) / 4)
    made.place = nn.Parameter(torch.randn(1, 16 + token, 16) / 4)

    def run(m: Of, x: Tensor) -> Tensor:
        x = m.patch(x).flatten(2).transpose(1, 2)
        if token:
            x = torch.cat((m.made.token.expand(x.shape[0], -1, -1), x), 1)
        x = m.attend(x + m.made.place)
        x = x + m.feed(x)
        return m.fc(x[:, 0] if token else x.mean(1))

    feed = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))
    layers = {"patch": nn.Conv2d(3, 16, 4, 4), "attend": Attention(16, 2, fused=fused), "feed": feed}
    return Of(run, made=made, **layers, fc=nn.Linear(16, CLASSES))


def mixer() -> nn.Module:
    """MLP-Mixer."""
    tokens = nn.Sequential(nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 16))

    def run(m: Of, x: Tensor) -> Tensor:
        x = m.patch(x).flatten(2).transpose(1, 2)
        x = x + m.tokens(m.norm(x).transpose(1, 2)).transpose(1, 2)
        return m.fc(x.mean(1))

    return Of(run, patch=nn.Conv2d(3, 16, 4, 4), tokens=tokens, norm=nn.LayerNorm(16), fc=nn.Linear(16, CLASSES))


def unet(*, up: str) -> nn.Module:
    """Down, up, and a skip; gives a picture of classes."""
    grow: nn.Module = nn.ConvTranspose2d(16, 8, 2, 2)
    if up != "transposed":
        grow = nn.Sequential(nn.Upsample(scale_factor=2, mode=up), nn.Conv2d(16, 8, 1))

    def run(m: Of, x: Tensor) -> Tensor:
        a = m.one(x)
        return m.last(torch.cat((a, m.grow(m.two(F.max_pool2d(a, 2)))), 1))

    return Of(run, one=conv(3, 8), two=conv(8, 16), grow=grow, last=nn.Conv2d(16, CLASSES, 1))


def recurrent(kind: type[nn.RNNBase]) -> nn.Module:
    """A recurrent classifier."""
    rnn = kind(8, 12, batch_first=True)
    return Of(lambda m, x: m.fc(m.rnn(x)[0][:, -1]), rnn=rnn, fc=nn.Linear(12, CLASSES))


def conv1d() -> nn.Module:
    """Convolutions over time."""
    layers = [nn.Conv1d(6, 8, 5, 2), nn.BatchNorm1d(8), nn.ReLU(), nn.Conv1d(8, 8, 3, dilation=2), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, CLASSES))


def keywords() -> nn.Module:
    """Depthwise separable, on features over time."""
    first = nn.Sequential(nn.Conv2d(1, 8, (10, 4), (2, 2), (5, 1)), nn.BatchNorm2d(8), nn.ReLU())
    return pooled(first, conv(8, 8, g=8), conv(8, 8, 1), width=8)


def autoencoder(*, end: bool) -> nn.Module:
    """Squeezes a row, and rebuilds it."""
    layers = [nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 16)]
    return nn.Sequential(*layers, *([nn.Sigmoid()] if end else []))


def conv_autoencoder() -> nn.Module:
    """Squeezes a picture, and rebuilds it."""
    down = [nn.Conv2d(1, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 8, 3, 2, 1), nn.ReLU()]
    return nn.Sequential(*down, nn.ConvTranspose2d(8, 4, 2, 2), nn.ReLU(), nn.ConvTranspose2d(4, 1, 2, 2), nn.Sigmoid())


def two_heads() -> nn.Module:
    """Two outputs."""
    body = nn.Sequential(conv(3, 8, s=2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    heads = {"one": nn.Linear(8, CLASSES), "two": nn.Linear(8, 2)}
    return Of(lambda m, x: (m.one(y := m.body(x)), m.two(y)), body=body, **heads)


def nhwc() -> nn.Module:
    """Channels last at the input."""
    return Of(lambda m, x: m.net(x.permute(0, 3, 1, 2)), net=cnn())


def behind(tail: nn.Module) -> nn.Module:
    """A classifier and what stands behind it."""
    return nn.Sequential(cnn(), tail)


def argmax() -> nn.Module:
    """Gives the number of the class."""
    return Of(lambda m, x: m.net(x).argmax(1), net=cnn())


def resized(mode: str) -> nn.Module:
    """Resizes in the graph."""
    return Of(lambda m, x: m.net(F.interpolate(x, scale_factor=0.5, mode=mode)), net=pooled(conv(3, 8), width=8))


def normalised() -> nn.Module:
    """``(x - mean) / std`` in the graph, from buffers."""
    made = nn.Module()
    made.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
    made.register_buffer("std", torch.tensor([0.2, 0.3, 0.25]).view(1, 3, 1, 1))
    return Of(lambda m, x: m.net((x - m.made.mean) / m.made.std), net=cnn(), made=made)


def centred() -> nn.Module:
    """``2 * x - 1`` in the graph."""
    return Of(lambda m, x: m.net(2 * x - 1), net=cnn())


def densenet() -> nn.Module:
    """Concatenates what it has so far."""

    def run(m: Of, x: Tensor) -> Tensor:
        x = m.stem(x)
        for layer in (m.a, m.b):
            x = torch.cat((x, layer(x)), 1)
        return m.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))

    return Of(run, stem=conv(3, 8, s=2), a=conv(8, 4), b=conv(12, 4), fc=nn.Linear(16, CLASSES))


def inception() -> nn.Module:
    """Branches of other kernels."""

    def run(m: Of, x: Tensor) -> Tensor:
        x = m.stem(x)
        return m.fc(torch.cat((m.a(x), m.b(x), m.c(F.max_pool2d(x, 3, 1, 1))), 1).amax((2, 3)))

    layers = {"a": conv(8, 4, 1), "b": conv(8, 4, 5), "c": conv(8, 4, 1)}
    return Of(run, stem=conv(3, 8, s=2), **layers, fc=nn.Linear(12, CLASSES))


def activations(*kinds: nn.Module) -> nn.Module:
    """One after the other."""
    return pooled(conv(3, 8, s=2), *(layer for kind in kinds for layer in (nn.Conv2d(8, 8, 1), kind)), width=8)


def shuffled() -> nn.Module:
    """PixelShuffle and its inverse."""
    return pooled(nn.PixelUnshuffle(2), conv(12, 16), nn.PixelShuffle(2), conv(4, 8), width=8)


def reflect() -> nn.Module:
    """Reflecting and constant padding."""
    return pooled(nn.ReflectionPad2d(2), nn.Conv2d(3, 8, 3), nn.ReLU(), nn.ZeroPad2d((1, 0, 1, 0)), conv(8, 8), width=8)


def dilated() -> nn.Module:
    """Dilated convolutions and a pool with a rim."""
    pool = nn.MaxPool2d(3, 2, 1, ceil_mode=True)
    return pooled(nn.Conv2d(3, 8, 3, padding=2, dilation=2), nn.ReLU(), pool, conv(8, 8), width=8)


def weight_norm() -> nn.Module:
    """Weights computed in the graph."""
    parts = nn.utils.parametrizations.weight_norm(nn.Linear(768, 16)), nn.Linear(16, CLASSES)
    return nn.Sequential(nn.Flatten(), parts[0], nn.ReLU(), parts[1])


def einsum() -> nn.Module:
    """A linear layer as an Einsum."""
    return Of(
        lambda m, x: m.fc(F.relu(torch.einsum("ni,oi->no", x.flatten(1), m.a.weight))),
        a=nn.Linear(768, 16),
        fc=nn.Linear(16, CLASSES),
    )


def row(outputs: int, *tail: nn.Module) -> nn.Module:
    """Fully connected layers on a row of numbers."""
    return nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, outputs), *tail)


def layer_norm() -> nn.Module:
    """LayerNorm on a row."""
    return nn.Sequential(nn.Linear(16, 24), nn.LayerNorm(24), nn.ReLU(), nn.Linear(24, CLASSES))


def flags() -> nn.Module:
    """A condition on the shape, which exporters leave as an If."""

    def run(m: Of, x: Tensor) -> Tensor:
        y = m.body(x)
        if y.shape[2] > 1:
            y = y.mean((2, 3))
        return m.fc(y.squeeze())  # squeeze without axes: an If in TorchScript's exporter

    return Of(run, body=conv(3, 8, s=2), fc=nn.Linear(8, CLASSES))


NETS: dict[str, Net] = {
    "mlp": Net(mlp),
    "cnn": Net(cnn),
    "cnn-view": Net(cnn_view),
    "lenet": Net(lenet),
    "resnet": Net(resnet),
    "resnet-groupnorm": Net(resnet_gn),
    "instancenorm": Net(instance_norm),
    "mobilenetv2": Net(mobilenetv2),
    "mobilenetv3": Net(mobilenetv3),
    "shufflenet": Net(shufflenet),
    "convnext": Net(convnext),
    "vit-token": Net(lambda: vit(token=True, fused=False)),
    "vit-mean-sdpa": Net(lambda: vit(token=False, fused=True)),
    "mixer": Net(mixer),
    "unet": Net(lambda: unet(up="transposed"), task=""),
    "unet-nearest": Net(lambda: unet(up="nearest"), task=""),
    "gru": Net(lambda: recurrent(nn.GRU), STEPS),
    "lstm": Net(lambda: recurrent(nn.LSTM), STEPS),
    "conv1d": Net(conv1d, SERIES),
    "keywords": Net(keywords, (1, 49, 10)),
    "autoencoder": Net(lambda: autoencoder(end=False), ROW, "reconstruction"),
    "autoencoder-sigmoid": Net(lambda: autoencoder(end=True), ROW, "reconstruction"),
    "autoencoder-conv": Net(conv_autoencoder, GREY, "reconstruction"),
    "two-heads": Net(two_heads),
    "nhwc": Net(nhwc, (16, 16, 3), data=PICTURE),
    "softmax": Net(lambda: behind(nn.Softmax(1))),
    "logsoftmax": Net(lambda: behind(nn.LogSoftmax(-1))),
    "argmax": Net(argmax),
    "resize-nearest": Net(lambda: resized("nearest")),
    "resize-bilinear": Net(lambda: resized("bilinear")),
    "normalised": Net(normalised),
    "centred": Net(centred),
    "densenet": Net(densenet),
    "inception": Net(inception),
    "activations": Net(lambda: activations(nn.PReLU(), nn.ELU(), nn.LeakyReLU(), nn.SiLU())),
    "activations-rare": Net(lambda: activations(nn.Mish(), nn.SELU(), nn.Softplus(), nn.Softsign())),
    "pixelshuffle": Net(shuffled),
    "reflect": Net(reflect),
    "dilated": Net(dilated),
    "weight-norm": Net(weight_norm),
    "einsum": Net(einsum),
    "row-regression": Net(lambda: row(1), ROW, "regression"),
    "row-binary": Net(lambda: row(1, nn.Sigmoid()), ROW, "binary"),
    "row-labels": Net(lambda: row(3, nn.Sigmoid()), ROW, "labels"),
    "layernorm": Net(layer_norm, ROW),
    "squeeze": Net(flags),
}
