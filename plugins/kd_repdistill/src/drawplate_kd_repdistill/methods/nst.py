# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Neuron selectivity transfer with a polynomial kernel: Huang, Wang, arXiv 1707.01219, section 3.3."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate_kd_repdistill.layers import match_size
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class NstOptions:
    """nst has no hyper-parameters."""


def kernel_mean(one: Tensor, other: Tensor) -> Tensor:
    """Return the mean of <a, b>^2 over all channels a of one map and b of the other.

    A matrix product per sample holds C x C' numbers, never C x C' x H x W.
    """
    return (one @ other.transpose(1, 2)).pow(2).mean()


def discrepancy(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the squared maximum mean discrepancy between the channels of two maps, each of unit length."""
    student, teacher = match_size(student, teacher)
    a, b = functional.normalize(student.flatten(2), dim=2), functional.normalize(teacher.flatten(2), dim=2)
    return kernel_mean(b, b) + kernel_mean(a, a) - 2 * kernel_mean(a, b)


class NstLoss(DistillationLoss):
    """Maximum mean discrepancy, summed over stages."""

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the sum over pairs of stages."""
        total = student.logits.new_zeros(())
        for one, other in zip(student.stages, teacher.stages, strict=True):
            total = total + discrepancy(one, other)
        return total


def build(_options: NstOptions, _setting: Setting) -> NstLoss:
    """Make the loss."""
    return NstLoss()


METHOD = Method(
    summary="Distribution of channel maps (neuron selectivity transfer)",
    source="Huang and Wang 2017, arXiv 1707.01219, section 3.3; weight: RepDistiller",
    options=NstOptions,
    build=build,
    needs={Need.STAGES},
    weight=50.0,
    spatial=True,
)
