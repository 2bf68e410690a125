# SPDX-License-Identifier: Apache-2.0
"""Fit the latency model: ``python -m drawplate_target_myriadx.calibrate [--rebuild]``.

Reads published measurements and what the compiler makes of the same networks, fits, prints how far left-out networks
and families are off, and writes the constants.  With ``--rebuild``, the networks are built and compiled anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import asdict

from drawplate_target_myriadx.calibration.features import Features, compile_features, read_features, write_features
from drawplate_target_myriadx.calibration.fit import Check, check, fit, left_out
from drawplate_target_myriadx.calibration.rows import LARGEST_BATCH, Published, Row, equations, read_published
from drawplate_target_myriadx.latency.model import CONSTANTS, Prices, distance, spent


def calibrate(published: list[Published], features: Mapping[str, Features]) -> dict[str, Any]:
    """Return the record of ``constants.json``: prices, errors, what is known, and the checks."""
    rows = equations(published, features)
    prices = fit(rows)
    checks = leave_one_out(rows) | {"batches 2 to 64, not fitted": batches(published, features, prices)}
    networks = list(dict.fromkeys(row.network for row in rows))
    shares = {name: spent(prices, features[name].work) for name in networks}
    powers = [one.power_w for one in published if one.batch == 1 and one.power_w is not None]
    return {
        "prices": {name: round(value, 6) for name, value in asdict(prices).items()},
        "known_error": round(checks["network out, latencies"].ninety, 3),
        "new_error": round(checks["family out, latencies"].ninety, 3),
        "known_types": sorted(set().union(*(features[name].types for name in networks))),
        "radius": round(radius(shares, {row.network: row.family for row in rows}), 3),
        "shares": [{part: round(share, 4) for part, share in own.items()} for own in shares.values()],
        "power_w": [min(powers), max(powers)],
        "checks": {name: {key: round(value, 4) for key, value in asdict(own).items()} for name, own in checks.items()},
    }


def leave_one_out(rows: Sequence[Row]) -> dict[str, Check]:
    """Return the checks by what was left out."""
    found = {}
    for name, groups in (("network", [row.network for row in rows]), ("family", [row.family for row in rows])):
        errors = left_out(rows, groups)
        latencies = [index for index, row in enumerate(rows) if row.latency]
        found[f"{name} out, latencies"] = check([rows[index] for index in latencies], errors[latencies])
        found[f"{name} out, all rows"] = check(rows, errors)
        if name == "family":
            met = [index for index in latencies if _priced_without_its_family(rows, rows[index])]
            found["family out, terms met"] = check([rows[index] for index in met], errors[met])
    return found


def _priced_without_its_family(rows: Sequence[Row], own: Row) -> bool:
    """Whether other families, too, do all kinds of work that the row has; a price that nothing tells is 0."""
    others = [row.work.amounts for row in rows if row.family != own.family]
    return all(
        any(column) for column, amount in zip(zip(*others, strict=True), own.work.amounts, strict=True) if amount
    )


def batches(published: Sequence[Published], features: Mapping[str, Features], prices: Prices) -> Check:
    """Return how good predictions of batches are that no equation was made of; their networks are known, though."""
    rows, errors = [], []
    for one in published:
        if one.network in features and 1 < one.batch < LARGEST_BATCH and one.latency_ms is not None:
            work = features[one.network].work
            row = Row(
                network=one.network,
                family=one.family,
                work=work,
                inferences=1.0,
                milliseconds=one.latency_ms,
                latency=True,
            )
            rows.append(row)
            errors.append((prices.fixed_ms + one.batch * prices.milliseconds(work)) / one.latency_ms - 1)
    return check(rows, np.array(errors))


def radius(shares: Mapping[str, Mapping[str, float]], families: Mapping[str, str]) -> float:
    """Return the greatest distance from a network to the nearest of its own family: what still counts as like it."""
    nearest = []
    for name, own in shares.items():
        kin = [distance(own, shares[other]) for other in shares if other != name and families[other] == families[name]]
        nearest += [min(kin)] if kin else []
    return max(nearest)


def report(record: Mapping[str, Any]) -> str:
    """Return prices and checks as text."""
    lines = [f"{name:24}{value:10.4f}" for name, value in record["prices"].items()]
    lines += ["", f"{'left out':28}{'rows':>6}{'MAPE':>8}{'median':>8}{'worst':>8}{'90 %':>8}{'Spearman':>10}"]
    for name, own in record["checks"].items():
        shares = "".join(f"{100 * own[key]:7.1f}%" for key in ("mape", "median", "worst", "ninety"))
        lines.append(f"{name:28}{own['rows']:6}{shares}{own['spearman']:10.3f}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Fit, print and write."""
    if "--rebuild" in arguments:
        from drawplate.toolenv import start
        from drawplate_target_myriadx.tool import MYRIAD

        tool = start(MYRIAD)
        write_features(compile_features(tool))
        tool.close()
    record = calibrate(read_published(), read_features())
    CONSTANTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(report(record))  # noqa: T201 - the script's result


if __name__ == "__main__":
    main(sys.argv[1:])
