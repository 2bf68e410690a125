# SPDX-License-Identifier: Apache-2.0
"""Published measurements (``published.csv``, each with its source), and the rows that are fitted to."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate_target_myriadx.calibration.features import Features
from drawplate_target_myriadx.latency.work import Work

PUBLISHED: Final = Path(__file__).with_name("published.csv")
LARGEST_BATCH: Final = 128
DEVICE_TIME: Final = "device time"
"""How ``conditions`` says that a latency has no part of the host."""


@frozen(kw_only=True)
class Published:
    """One published measurement."""

    network: str
    """Which rebuilt network it was taken on; empty where it is not rebuilt."""
    family: str
    batch: int
    latency_ms: float | None
    power_w: float | None
    device_time: bool


@frozen(kw_only=True)
class Row:
    """One equation: this work takes that long."""

    network: str
    family: str
    work: Work
    inferences: float
    """How many fixed parts are in it: 1; 0 for time on the device alone."""
    milliseconds: float
    latency: bool
    """Whether it is a measured latency, not a difference of two."""


def read_published(path: Path = PUBLISHED) -> list[Published]:
    """Read the table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Published(
                network=row["network"],
                family=row["family"],
                batch=int(row["batch"]),
                latency_ms=float(row["latency_ms"]) if row["latency_ms"] else None,
                power_w=float(row["power_w"]) if row["power_w"] else None,
                device_time=DEVICE_TIME in row["conditions"],
            )
            for row in csv.DictReader(file)
        ]


def equations(published: list[Published], features: Mapping[str, Features]) -> list[Row]:
    """Return the rows to fit to: latencies at batch 1, and time per further image where larger batches were measured.

    The latter, (t(128) - t(1)) / 127, has no fixed part, and so tells it from the rest.
    """
    found = []
    for one in published:
        if one.network not in features or one.batch != 1 or one.latency_ms is None:
            continue
        work = features[one.network].work
        fixed = 0.0 if one.device_time else 1.0
        found.append(
            Row(
                network=one.network,
                family=one.family,
                work=work,
                inferences=fixed,
                milliseconds=one.latency_ms,
                latency=True,
            )
        )
        for other in published:
            if other.network == one.network and other.batch == LARGEST_BATCH and other.latency_ms is not None:
                further = (other.latency_ms - one.latency_ms) / (LARGEST_BATCH - 1)
                found.append(
                    Row(
                        network=one.network,
                        family=one.family,
                        work=work,
                        inferences=0.0,
                        milliseconds=further,
                        latency=False,
                    )
                )
    return found
