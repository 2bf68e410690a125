# SPDX-License-Identifier: Apache-2.0

"""kd between standardised logits: Sun, Ren, Li, Wang, Cao, CVPR 2024, arXiv 2403.01427."""

from __future__ import annotations

from attrs import frozen

from drawplate.options import option
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.methods.kd import KdLoss
from drawplate_kd_repdistill.standardised import Standardised


@frozen(kw_only=True)
class KdStdOptions:
    """Hyper-parameters of kd_std."""

    temperature: float = option("Temperature T that softens both standardised logits.", default=2.0, above=0)


def build(options: KdStdOptions, _setting: Setting) -> Standardised:
    """Make the loss."""
    return Standardised(KdLoss(options.temperature))


METHOD = Method(
    summary="kd between standardised logits",
    source="Sun et al. 2024, arXiv 2403.01427; weights: the authors' CIFAR-100 settings",
    options=KdStdOptions,
    build=build,
    needs={Need.LOGITS},
    weight=9.0,
    gamma=0.1,
)
