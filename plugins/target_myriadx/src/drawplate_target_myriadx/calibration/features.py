# SPDX-License-Identifier: Apache-2.0
"""What the compiler makes of the calibration networks: kept beside the code, so that fitting needs no compiler."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import fields, frozen

from drawplate.processes import scratch
from drawplate_target_myriadx.latency.work import Work, network_work

if TYPE_CHECKING:
    from drawplate.toolenv import Tool

FEATURES: Final = Path(__file__).with_name("features.csv")
AMOUNTS: Final = tuple(attribute.name for attribute in fields(Work))


@frozen(kw_only=True)
class Features:
    """A compiled network, as the latency model sees it."""

    work: Work
    types: frozenset[str]
    """Types of its stages."""


def read_features(path: Path = FEATURES) -> Mapping[str, Features]:
    """Return the features of every network by name."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["network"]: Features(
                work=Work(*(float(row[name]) for name in AMOUNTS)), types=frozenset(row["stage_types"].split())
            )
            for row in csv.DictReader(file)
        }


def write_features(found: Mapping[str, Features], path: Path = FEATURES) -> None:
    """Keep them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["network", *AMOUNTS, "stage_types"])
        for name, features in found.items():
            amounts = [f"{value:.0f}" for value in features.work.amounts]
            writer.writerow([name, *amounts, " ".join(sorted(features.types))])


def compile_features(tool: Tool) -> dict[str, Features]:
    """Rebuild and compile every network as its measurement had it: the plugin's defaults."""
    from drawplate_target_myriadx.calibration.networks import NETWORKS
    from drawplate_target_myriadx.compiler import compile_model
    from drawplate_target_myriadx.options import ExportOptions
    from drawplate_target_myriadx.prepare import prepare

    found = {}
    for name, build in NETWORKS.items():
        with scratch() as folder:
            blob = compile_model(prepare(build()).proto, ExportOptions(), tool, folder).blob
        types = frozenset(stage.type for stage in blob.all_stages())
        found[name] = Features(work=network_work(blob), types=types)
    return found
