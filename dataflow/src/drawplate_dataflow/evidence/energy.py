# SPDX-License-Identifier: Apache-2.0
"""Dynamic energy of a frame as metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drawplate import Metric, Source
from drawplate_dataflow.cost.energy import Energy, frame_energy, typical_changes
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.simulate.toggles import Toggled
from drawplate_dataflow.technology import EnergyPrices, Spread

LEFT_OUT: Final = "wrapper, processing system, external memory and static power left out"
_PJ: Final = 1e-6
"""Of a microjoule."""


def energy_metrics(
    estimates: Mapping[str, Estimate],
    interval: float,
    fps: float,
    prices: EnergyPrices,
    toggled: Mapping[str, Toggled] | None = None,
) -> list[Metric]:
    """Return the energy of a frame by layer and in all, and the power at the full rate.

    Args:
        estimates: what layers and forks take, and the clocks per frame in which they work.
        interval: clocks per frame of the whole, the port included.
        fps: frames per second.
        prices: of the family.
        toggled: what was counted in simulation; None where nets are taken to change as often as is typical.
    """
    parts = {name: _energy(name, found, interval, prices, toggled) for name, found in estimates.items()}
    whole = sum(parts.values(), Energy())
    how = "nets as often as counted in simulation" if toggled is not None else "nets as often as is typical"
    named = {"switching": whole.switching, "clock": whole.clock, "memory blocks": whole.memory}
    named |= {"multipliers": whole.multipliers} if whole.multipliers.value else {}
    shares = ", ".join(f"{name} {_micro(part):.3g}" for name, part in named.items())
    between = f"between {whole.total.low * _PJ:.2g} and {whole.total.high * _PJ:.2g}"
    note = f"dynamic, of a frame, {between}: {shares}; {how}; {prices.source}; {LEFT_OUT}"
    rows = [*((name, part.total) for name, part in parts.items()), (None, whole.total)]
    power = whole.total.scaled(fps * 1e-9)
    return [
        *(
            Metric(
                name="energy_uj",
                value=_rounded(_micro(total)),
                unit="uJ",
                source=Source.ESTIMATED,
                error=_rounded(total.error * _PJ),
                low=_rounded(total.low * _PJ),
                layer=layer,
                note=note if layer is None else "",
            )
            for layer, total in rows
        ),
        Metric(
            name="power_mw",
            value=_rounded(power.value),
            unit="mW",
            source=Source.ESTIMATED,
            error=_rounded(power.error),
            low=_rounded(power.low),
            note=f"dynamic, at {fps:,.0f} FPS; {LEFT_OUT}",
        ),
    ]


def _energy(
    name: str, found: Estimate, interval: float, prices: EnergyPrices, toggled: Mapping[str, Toggled] | None
) -> Energy:
    busy = found.cycles or round(interval)  # a fork has no clocks of its own: it passes on whatever comes
    if toggled is None:
        changes = typical_changes(busy)
    else:
        changes = Spread.exactly(toggled[name].per_frame if name in toggled else 0.0)
    return frame_energy(found.resources, changes, busy, interval, prices)


def _micro(energy: Spread) -> float:
    return energy.value * _PJ


def _rounded(value: float) -> float:
    """Keep four digits: the error bar says how few of them count."""
    return float(f"{value:.4g}")
