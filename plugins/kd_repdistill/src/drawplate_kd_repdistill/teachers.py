# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Frozen teachers: one, or several whose logits are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from attrs import frozen
from torch import Tensor

from drawplate.torch import OnnxModule
from drawplate.torch.loop import Batch, Refeed
from drawplate.torch.loop.precision import Precision
from drawplate_kd_repdistill.loss import Activations
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.tapped import read_activations, value_names
from drawplate_kd_repdistill.taps import Taps


@frozen(kw_only=True, eq=False)
class Teacher:
    """One network in inference mode, without gradients."""

    network: OnnxModule
    precision: Precision
    taps: Taps
    scores: bool
    """Whether the outputs are those before a Softmax or Sigmoid at the end."""

    def __call__(self, x: Tensor, needs: frozenset[Need]) -> Activations:
        """Return what the network makes of normalised images [batch, channels, height, width]."""
        run = self.network.scores_with if self.scores else self.network.forward_with
        with torch.no_grad(), self.precision.autocast():
            logits, values = run(self.precision.layout(x), value_names(self.taps, needs))
        return read_activations(logits, values, self.taps, needs)


def frozen_teacher(network: OnnxModule, precision: Precision, taps: Taps, *, scores: bool = True) -> Teacher:
    """Bring a network to its device and layout, and freeze it."""
    network.to(precision.device).eval().requires_grad_(requires_grad=False)
    if precision.channels_last:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Teacher(network=network, precision=precision, taps=taps, scores=scores)


@frozen(kw_only=True, eq=False)
class LiveTeachers:
    """Computes teachers at every step."""

    teachers: Sequence[Teacher]
    shares: tuple[float, ...]
    """What each one's logits count, summing to one."""
    needs: frozenset[Need]
    refeeds: Sequence[Refeed]
    """What turns the student's input into each one's own."""

    def __call__(self, batch: Batch) -> Activations:
        """Return the mean logits, and the taps of a teacher that is alone."""
        if len(self.teachers) == 1:
            return self.teachers[0](self.refeeds[0](batch.x), self.needs)
        pairs = zip(self.teachers, self.refeeds, strict=True)
        each = [teacher(refeed(batch.x), self.needs).logits for teacher, refeed in pairs]
        return Activations(logits=mean_logits(each, self.shares))


def mean_logits(each: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """Return the weighted mean of logits."""
    return torch.stack([share * logits for share, logits in zip(shares, each, strict=True)]).sum(0)
