# SPDX-License-Identifier: Apache-2.0
"""How long a session takes on this host."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from drawplate.metric import Metric, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def time_runs(session: Any, images: NDArray[np.float32], *, runs: int, warmup: int) -> list[float]:
    """Return the seconds of each of so many calls on the same images, after some that do not count."""
    name = session.get_inputs()[0].name
    output = [session.get_outputs()[0].name]
    for _ in range(warmup):
        session.run(output, {name: images})
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        session.run(output, {name: images})
        seconds.append(time.perf_counter() - started)
    return seconds


def latency(seconds: list[float], note: str) -> tuple[Metric, Metric]:
    """Return the median and the 95th percentile, in milliseconds."""
    import numpy as np

    median, late = np.percentile(np.asarray(seconds) * 1e3, [50, 95])
    return (
        Metric(name="latency_ms", value=median, unit="ms", source=Source.MEASURED, note=f"median, {note}"),
        Metric(name="latency_p95_ms", value=late, unit="ms", source=Source.MEASURED, note=f"95th percentile, {note}"),
    )


def throughput(seconds: list[float], batch: int, note: str) -> Metric:
    """Return images per second, from the median call."""
    import numpy as np

    rate = batch / float(np.median(seconds))
    return Metric(name="throughput", value=rate, unit="images/s", source=Source.MEASURED, note=note)
