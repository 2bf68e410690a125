# SPDX-License-Identifier: Apache-2.0
"""What a device answered, as metrics and a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drawplate import Metric
from drawplate.metric import Source
from drawplate.toolenv import status
from drawplate_target_myriadx.device.measure import Measurement
from drawplate_target_myriadx.device.usb import find_devices

if TYPE_CHECKING:
    from drawplate import Job


def answers(device: str) -> bool:
    """Whether a device can be tried: one is plugged in and may be opened, and what speaks to it is installed."""
    from drawplate_target_myriadx.tool import OAK

    if not any(found.accessible for found in find_devices()):
        return False
    return device == "ncs2" or status(OAK).found


def measured(found: Measurement, batch: int) -> Iterator[Metric]:
    """Yield latency and rates as the device had them."""

    def metric(name: str, value: float, unit: str, note: str, error: float | None = None) -> Metric:
        return Metric(name=name, value=value, unit=unit, source=Source.MEASURED, error=error, note=note)

    runs = f"{len(found.latencies_ms)} runs on {found.device or 'the device'}"
    yield metric("latency_ms", found.median_ms, "ms", f"median of {runs}, sync, one request", found.spread_ms)
    yield metric("fps", 1e3 * batch / found.median_ms, "images/s", "one request at a time")
    yield metric("throughput", found.fps * batch, "images/s", "two requests in flight")
    if found.celsius is not None:
        yield metric("celsius", found.celsius, "°C", "the chip's own sensor, after the runs")


def record_layers(job: Job, found: Measurement) -> None:
    """Put the device's own times into the record of the run."""
    for number, timing in enumerate(found.layers):
        record = {"layer": timing.layer, "type": timing.type, "latency_ms": timing.milliseconds}
        job.row("device_layers", str(number), record)
