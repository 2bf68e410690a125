# SPDX-License-Identifier: Apache-2.0
"""drawplate: knowledge distillation with the methods of RepDistiller and newer ones.

What a third party needs to add a method: :class:`Method`, :class:`Need`, :class:`Setting` and :class:`Shapes`, and
:class:`DistillationLoss` with the :class:`Activations` and :class:`Batch` that it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate_kd_repdistill.method import Method, Need, Setting, Shapes

if TYPE_CHECKING:
    from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss

__all__ = ["Activations", "Batch", "DistillationLoss", "Method", "Need", "Setting", "Shapes"]


def __getattr__(name: str) -> Any:
    """Import what needs torch only when it is asked for: naming the step must stay cheap."""
    if name in {"Activations", "Batch", "DistillationLoss"}:
        from drawplate_kd_repdistill import loss

        return getattr(loss, name)
    raise AttributeError(name)
