# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Pieces that several methods share: matching sizes and channels of student and teacher."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional

from drawplate_kd_repdistill.method import MapShape


def match_size(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Average-pool both maps [batch, channels, h, w] to the smaller height and width."""
    size = (min(one.shape[2], other.shape[2]), min(one.shape[3], other.shape[3]))
    return pool_to(one, size), pool_to(other, size)


def pool_to(features: Tensor, size: tuple[int, int]) -> Tensor:
    """Average-pool a map to a size, or leave it where it has that size."""
    return features if features.shape[2:] == size else functional.adaptive_avg_pool2d(features, size)


def some(tensor: Tensor | None) -> Tensor:
    """Return a tapped tensor that the method has declared to need."""
    if tensor is None:
        msg = "the method did not declare that it needs this tap"
        raise TypeError(msg)
    return tensor


class Regressor(nn.Module):
    """Convolution and batch normalisation from a student's map to the shape of a teacher's (FitNets, section 2.1)."""

    def __init__(self, student: MapShape, teacher: MapShape) -> None:
        super().__init__()
        self.size = teacher[1:]
        self.resize = _resize(student, teacher)
        self.norm = nn.BatchNorm2d(teacher[0])

    def forward(self, features: Tensor) -> Tensor:
        """Map [batch, C_s, h_s, w_s] to [batch, C_t, h_t, w_t]."""
        resized = self.resize(features)
        if resized.shape[2:] != self.size:
            resized = functional.interpolate(resized, self.size, mode="nearest")
        return cast("Tensor", self.norm(resized))


def _resize(student: MapShape, teacher: MapShape) -> nn.Module:
    (c_s, *size_s), (c_t, *size_t) = student, teacher
    ratios = {small / large for small, large in zip(size_s, size_t, strict=True)}
    ratio = ratios.pop() if len(ratios) == 1 else 0.0
    if ratio >= 1 and ratio.is_integer():
        stride = int(ratio)
        return nn.Conv2d(c_s, c_t, 2 * stride - 1, stride, stride - 1)
    if ratio and (1 / ratio).is_integer():
        stride = round(1 / ratio)
        return nn.ConvTranspose2d(c_s, c_t, stride + 2 * (stride // 2), stride, stride // 2)
    if all(large >= small for large, small in zip(size_s, size_t, strict=True)):
        return nn.Conv2d(c_s, c_t, (size_s[0] - size_t[0] + 1, size_s[1] - size_t[1] + 1))
    return nn.Conv2d(c_s, c_t, 1)
