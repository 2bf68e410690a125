# SPDX-License-Identifier: Apache-2.0
"""Asking a worker to run a blob on a device, and believing only answers that make sense."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from attrs import frozen

from drawplate.errors import StepFailed

ATTEMPTS: Final = 3
"""How often a measurement is tried when the device or its worker is lost."""
BOOT_SECONDS: Final = 60.0
SLOWER: Final = 20.0
"""A device that takes so many times longer than was estimated hangs."""
Answer = TypeVar("Answer")


class Caller(Protocol):
    """A tool's worker."""

    def call(self, function: str, *, timeout: float = 0.0, **arguments: Any) -> Any:
        """Call one of its functions."""

    def close(self) -> None:
        """Stop it; a later call starts another."""


@frozen(kw_only=True)
class Timing:
    """A layer as the device timed it."""

    layer: str
    type: str
    milliseconds: float


@frozen(kw_only=True)
class Measurement:
    """What a device answered."""

    latencies_ms: tuple[float, ...]
    """Of single inferences, one after the other."""
    fps: float
    """With two inferences in flight."""
    layers: tuple[Timing, ...] = ()
    celsius: float | None = None
    device: str = ""

    @property
    def median_ms(self) -> float:
        """Median latency."""
        ordered = sorted(self.latencies_ms)
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

    @property
    def spread_ms(self) -> float:
        """Half the distance between the 10th and the 90th percentile."""
        ordered = sorted(self.latencies_ms)
        last = len(ordered) - 1
        return (ordered[round(0.9 * last)] - ordered[round(0.1 * last)]) / 2


def measure_blob(tool: Caller, blob: Path, runs: int, expected_ms: float) -> Measurement:
    """Run a blob on the device of a worker.

    One process at a time has the device: a worker may keep it open until it ends, so it ends with its measurement.

    Args:
        tool: the worker.
        blob: the file to run.
        runs: timed inferences.
        expected_ms: the estimated latency, which tells when to give up waiting.

    Raises:
        StepFailed: when the device was lost, or answered nonsense, in every attempt.
        DrawplateError: what the worker says the user can mend, e.g. that no device answers.
    """
    from filelock import FileLock

    from drawplate.data.find import cache_folder

    timeout = BOOT_SECONDS + SLOWER * 3 * runs * expected_ms / 1e3

    def once() -> Measurement:
        return _checked(tool.call("measure", timeout=timeout, blob=str(blob), runs=runs), runs)

    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "myriad-device.lock"):
        try:
            return patient(once)
        finally:
            tool.close()


def patient(function: Callable[[], Answer]) -> Answer:
    """Call until it succeeds, at most so many times; a new worker boots the device anew."""
    for attempt in range(1, ATTEMPTS):
        try:
            return function()
        except StepFailed as error:
            logging.getLogger(__name__).warning("attempt %d of %d: %s", attempt, ATTEMPTS, error.what)
    return function()


def _checked(answer: Any, runs: int) -> Measurement:
    """Believe an answer.

    Raises:
        StepFailed: for one that cannot be true.
    """
    try:
        latencies = tuple(_positive(value) for value in answer["latencies_ms"])
        layers = tuple(_timing(entry) for entry in answer.get("layers", ()))
        celsius = answer.get("celsius")
        return Measurement(
            latencies_ms=_all(latencies, runs),
            fps=_positive(answer["fps"]),
            layers=layers,
            celsius=None if celsius is None else float(celsius),
            device=str(answer.get("device", "")),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StepFailed(
            f"the device answered nonsense: {error!r}", hint="plug it in again, and run the flow again: it goes on here"
        ) from error


def _all(latencies: tuple[float, ...], runs: int) -> tuple[float, ...]:
    if len(latencies) != runs:
        raise ValueError(f"{len(latencies)} latencies of {runs} runs")
    return latencies


def _positive(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or number <= 0:
        raise ValueError(f"{value!r} is no time")
    return number


def _timing(entry: Mapping[str, Any]) -> Timing:
    milliseconds = float(entry["ms"])
    if not math.isfinite(milliseconds) or milliseconds < 0:
        raise ValueError(f"{milliseconds!r} is no time")
    return Timing(layer=str(entry["layer"]), type=str(entry["type"]), milliseconds=milliseconds)
