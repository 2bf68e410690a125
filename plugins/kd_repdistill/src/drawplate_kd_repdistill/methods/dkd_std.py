# SPDX-License-Identifier: Apache-2.0

"""dkd between standardised logits: Sun, Ren, Li, Wang, Cao, CVPR 2024, arXiv 2403.01427."""

from __future__ import annotations

from attrs import frozen

from drawplate.options import option
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.methods.dkd import DkdLoss, DkdOptions
from drawplate_kd_repdistill.standardised import Standardised


@frozen(kw_only=True)
class DkdStdOptions(DkdOptions):
    """Hyper-parameters of dkd_std."""

    nontarget: float = option(
        "Weight of the part between the other classes (the paper's beta).", default=9.0, at_least=0
    )


def build(options: DkdStdOptions, setting: Setting) -> Standardised:
    """Make the loss."""
    return Standardised(DkdLoss(options, setting.epochs))


METHOD = Method(
    summary="dkd between standardised logits",
    source="Sun et al. 2024, arXiv 2403.01427; weights: the authors' code, whose alpha is 9 and whose beta 9 * 9",
    options=DkdStdOptions,
    build=build,
    needs={Need.LOGITS},
    weight=9.0,
)
