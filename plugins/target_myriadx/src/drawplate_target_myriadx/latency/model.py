# SPDX-License-Identifier: Apache-2.0
"""Six constants that turn work into milliseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen

from drawplate_target_myriadx.latency.work import Work

CONSTANTS: Final = Path(__file__).with_name("constants.json")
CLOCK_HZ: Final = 700e6
"""Nominal clock of the Myriad X."""


@frozen(kw_only=True)
class Prices:
    """What each amount of work costs."""

    fixed_ms: float
    """Host, USB and request, once per inference."""
    launch_us: float
    """Per stage."""
    nce_scale: float
    """Time of the NCE over the compiler's own cycles at 700 MHz."""
    descriptor_us: float
    """Per descriptor of an NCE stage beyond its first: set-up, and the coefficients that it reads, 128 KB at most."""
    elements_ms_per_mb: float
    functions_ms_per_mb: float

    def milliseconds(self, work: Work) -> float:
        """Price some work, without the fixed part."""
        return sum(self.parts(work).values())

    def parts(self, work: Work) -> dict[str, float]:
        """Milliseconds by kind of work."""
        return {
            "launches": self.launch_us * work.launches / 1e3,
            "nce": self.nce_scale * work.nce_cycles / CLOCK_HZ * 1e3,
            "descriptors": self.descriptor_us * work.descriptors / 1e3,
            "elements": self.elements_ms_per_mb * work.element_bytes / 1e6,
            "functions": self.functions_ms_per_mb * work.function_bytes / 1e6,
        }

    def as_record(self) -> dict[str, float]:
        """The constants as JSON values."""
        return asdict(self)


@frozen(kw_only=True)
class LatencyModel:
    """Prices, and how far to trust them."""

    prices: Prices
    known_error: float
    """Relative error that 90 % of left-out networks of the calibrated families stay below."""
    new_error: float
    """The same for networks whose whole family was left out."""
    known_types: frozenset[str]
    """Types of stages that occur in calibration."""
    shares: tuple[Mapping[str, float], ...]
    """How each calibration network spends its time."""
    radius: float
    """A network within this distance of a calibration network is taken for one of its family."""
    power_w: tuple[float, float]
    """Published power under load: least and most."""

    def latency_ms(self, work: Work, images: int = 1) -> float:
        """Estimate one inference: of so many images, the stages run once for each."""
        return self.prices.fixed_ms + images * self.prices.milliseconds(work)


def spent(prices: Prices, work: Work) -> dict[str, float]:
    """Share of the time by kind of work, the fixed part included; the shares sum to 1."""
    parts = {"fixed": prices.fixed_ms, **prices.parts(work)}
    total = sum(parts.values())
    return {name: value / total for name, value in parts.items()}


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Total variation between two ways to spend time: 0 for equal ones, 1 for nothing in common."""
    return sum(abs(one[name] - other[name]) for name in one) / 2


def load_model(path: Path = CONSTANTS) -> LatencyModel:
    """Read the fitted constants that come with the package."""
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return LatencyModel(
        prices=Prices(**record["prices"]),
        known_error=record["known_error"],
        new_error=record["new_error"],
        known_types=frozenset(record["known_types"]),
        shares=tuple(record["shares"]),
        radius=record["radius"],
        power_w=(record["power_w"][0], record["power_w"][1]),
    )
