# SPDX-License-Identifier: Apache-2.0
"""How far to trust an estimate: is the network like those that the constants were fitted to?"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate_target_myriadx.blob import Blob
from drawplate_target_myriadx.latency.model import LatencyModel, distance, spent
from drawplate_target_myriadx.latency.work import ARITHMETIC, ELEMENTWISE, Work, moved_bytes

NEGLIGIBLE: Final = 0.05
"""Share of the latency that stages of uncalibrated types may take, priced as the dearest that are calibrated."""


@frozen(kw_only=True)
class Trust:
    """What stands behind an estimate."""

    known: bool
    """Whether the network is like one that was calibrated on."""
    error: float
    """Relative half width of the error bar."""
    reason: str


def trust(model: LatencyModel, blob: Blob, work: Work) -> Trust:
    """Judge a network: by the types of its stages, then by how it spends its time."""
    unpriced = sorted({stage.type for stage in blob.all_stages()} & ARITHMETIC)
    if unpriced:
        why = f"new family, and more than that: what {', '.join(unpriced)} computes on the SHAVEs has no known price"
        return Trust(known=False, error=model.new_error, reason=why)
    strange = _strange(model, blob, work)
    if strange:
        return Trust(known=False, error=model.new_error, reason=f"new family: {', '.join(strange)} not calibrated")
    mine = spent(model.prices, work)
    nearest = min((distance(mine, shares) for shares in model.shares), default=1.0)
    if nearest > model.radius:
        why = f"new family: spends its time unlike the calibrated networks (distance {nearest:.2f})"
        return Trust(known=False, error=model.new_error, reason=why)
    return Trust(known=True, error=model.known_error, reason="known family")


def _strange(model: LatencyModel, blob: Blob, work: Work) -> list[str]:
    """Types of stages without a fitted price that could matter."""
    known = model.known_types | ELEMENTWISE
    strange = [stage for stage in blob.all_stages() if stage.type not in known]
    dearest = model.prices.functions_ms_per_mb * sum(map(moved_bytes, strange)) / 1e6
    return sorted({stage.type for stage in strange}) if dearest > NEGLIGIBLE * model.latency_ms(work) else []
