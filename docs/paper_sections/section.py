# SPDX-License-Identifier: Apache-2.0
"""What a section is, and what all of them need."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from drawplate.report.charts import Chart
from drawplate.report.record import Record, Sweep
from drawplate.report.sweeps import Plane, planes

DOCS = Path(__file__).parents[1]
RESULTS = DOCS.parent / "benchmarks" / "results"
VALUES = tomllib.loads((DOCS / "paper_values.toml").read_text(encoding="utf-8"))
Z7020 = {"lut": 53_200, "ff": 106_400, "bram18": 280}
"""Of the XC7Z020."""


@frozen(kw_only=True)
class Section:
    """One table or figure of the paper."""

    title: str
    text: str
    charts: tuple[Chart, ...] = ()


def sweep_of(records: Sequence[Record], stem: str) -> Sweep:
    """Return the finished sweep of a flow with the most cells.

    Raises:
        LookupError: with the flow's name, when there is none.
    """
    sweeps = [record for record in records if isinstance(record, Sweep) and record.status == "done"]
    found = [record for record in sweeps if record.file == f"{stem}.toml"]
    if not found:
        raise LookupError(stem)
    return max(found, key=lambda record: len(record.cells))


def network_of(record: Sweep) -> str:
    """Say how large the networks are."""
    hidden = record.flow["model"]["hidden"]
    return f"{len(hidden)} hidden layers of {hidden[0]} neurons"


def plane_of(record: Sweep, metric: str) -> Plane:
    """Return a metric of a sweep over two options."""
    return next(plane for plane in planes(record) if plane.metric == metric)


def epochs_of(record: Sweep) -> str:
    """Say how long the networks were trained."""
    found = [step["epochs"] for step in record.flow["step"] if step["use"] in ("fit", "distill")]
    return f"{found[-1]} epochs"
