# SPDX-License-Identifier: Apache-2.0
"""The report that nextpnr writes (``--report --detailed-timing-report``): clock rate and slowest paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate.errors import StepFailed
from drawplate_dataflow.place.owner import owner

Report = Mapping[str, Any]
"""The JSON file."""


@frozen(kw_only=True)
class TimingPath:
    """A path between two registers."""

    start: str
    """Name of the cell that it starts at."""
    end: str
    start_unit: str
    """Module of the layer that it starts in, see :func:`drawplate_dataflow.place.owner`."""
    end_unit: str
    ns: float
    """From clock edge to the register's input, its set-up time included."""
    wire_ns: float
    """The wires' share."""
    levels: int
    """Cells of logic on the way."""


def clock_mhz(report: Report) -> float:
    """Return the fastest clock that the slowest path allows; of several clocks that of the slowest.

    Raises:
        StepFailed: when no clock was timed.
    """
    found = [float(clock["achieved"]) for clock in report.get("fmax", {}).values()]
    if not found:
        raise StepFailed("no clock was timed: the report of nextpnr names none", where="place and route")
    return min(found)


def slowest_path(report: Report) -> TimingPath | None:
    """Return the slowest path between two edges of one clock; None where there is none."""
    inside = [
        path["path"] for path in report["critical_paths"] if path["from"] == path["to"] and path["from"] != "<async>"
    ]
    return _timed(max(inside, key=_delay)) if inside else None


def _delay(steps: Sequence[Mapping[str, Any]]) -> float:
    return sum(float(step["delay"]) for step in steps)


def _timed(steps: Sequence[Mapping[str, Any]]) -> TimingPath:
    start, end = steps[0]["from"]["cell"], steps[-1]["to"]["cell"]
    return TimingPath(
        start=start,
        end=end,
        start_unit=owner(start),
        end_unit=owner(end),
        ns=round(_delay(steps), 3),
        wire_ns=round(sum(float(step["delay"]) for step in steps if step["type"] == "routing"), 3),
        levels=sum(step["type"] == "logic" for step in steps),
    )


def slowest_by_unit(report: Report) -> dict[str, float]:
    """Return for every layer's module the latest that a signal arrives at one of its registers, in ns.

    Set-up times are not included, so the clock is a little slower than the largest of these says.
    """
    latest: dict[str, float] = {}
    for cell, ns in _arrivals(report):
        unit = owner(cell)
        latest[unit] = max(latest.get(unit, 0.0), ns)
    return {unit: round(latest[unit], 3) for unit in sorted(latest)}


def _arrivals(report: Report) -> Iterator[tuple[str, float]]:
    for net in report.get("detailed_net_timings", ()):
        for end in net["endpoints"]:
            if net["event"] != "<async>" and end["event"] != "<async>":
                delay = end["delay"]
                yield end["cell"], float(max(delay) if isinstance(delay, list) else delay)
