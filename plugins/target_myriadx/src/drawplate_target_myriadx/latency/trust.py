# SPDX-License-Identifier: Apache-2.0
"""How far to trust an estimate: is the network like those that the constants were fitted to?"""

from __future__ import annotations

from attrs import frozen

from drawplate_target_myriadx.blob import Blob
from drawplate_target_myriadx.latency.model import LatencyModel, distance, spent
from drawplate_target_myriadx.latency.work import Work


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
    strange = sorted({stage.type for stage in blob.all_stages()} - model.known_types)
    if strange:
        return Trust(known=False, error=model.new_error, reason=f"new family: {', '.join(strange)} not calibrated")
    mine = spent(model.prices, work)
    nearest = min((distance(mine, shares) for shares in model.shares), default=1.0)
    if nearest > model.radius:
        why = f"new family: spends its time unlike the calibrated networks (distance {nearest:.2f})"
        return Trust(known=False, error=model.new_error, reason=why)
    return Trust(known=True, error=model.known_error, reason="known family")
