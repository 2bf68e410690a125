# SPDX-License-Identifier: Apache-2.0
import csv
from pathlib import Path

import pytest

from drawplate_target_z7020 import fitting
from drawplate_target_z7020.xc7 import XC7

PRICES = XC7.energies


@pytest.fixture(scope="module")
def reports():
    with (Path(fitting.__file__).parent / "power.csv").open(encoding="utf-8", newline="") as file:
        return {row.pop("repository"): row for row in csv.DictReader(file)}


def pj(row, power, number):
    """pJ per clock of one of so many: mW / (number * MHz) is nJ."""
    return float(row[power]) / float(row[number]) / float(row["clock_mhz"]) * 1e3


def test_the_clock_costs_what_reports_say(reports):
    told = [pj(row, "clocks_mw", "ff") for row in reports.values()]
    assert sorted(told)[len(told) // 2] == pytest.approx(PRICES.clock.value, rel=0.05)
    assert min(told) > PRICES.clock.low
    assert max(told) <= PRICES.clock.high


@pytest.mark.parametrize(("price", "power", "number"), [("lut", "logic_mw", "lut"), ("net", "signals_mw", "nets")])
def test_nets_and_luts_cost_what_a_busy_pipeline_says(reports, price, power, number):
    spread, told = getattr(PRICES, price), pj(reports["theCow61/AES-Accelerator"], power, number)
    assert told / 0.25 == pytest.approx(spread.value, rel=0.03)
    assert told / 0.5 == pytest.approx(spread.low, rel=0.03)
    assert told / 0.125 == pytest.approx(spread.high, rel=0.03)


def test_a_second_busy_design_is_within_the_bar(reports):
    row = reports["caLypso12/SEC-G5"]
    for price, power, number in (("lut", "logic_mw", "lut"), ("net", "signals_mw", "nets")):
        assert getattr(PRICES, price).low < pj(row, power, number) / 0.125 < getattr(PRICES, price).high


def test_block_ram_costs_what_reports_and_the_estimator_say(reports):
    told = [pj(row, "ram_mw", "ram36") / 2 for row in reports.values() if row["ram_mw"]]
    assert len(told) == 5
    for value in (*told, 8.5 / 2):
        assert PRICES.ram.low < value < PRICES.ram.high


def test_a_product_costs_what_a_report_and_the_estimator_say(reports):
    told = pj(reports["caLypso12/SEC-G5"], "dsp_mw", "dsp")
    assert PRICES.multiplier.low < told < 23 < PRICES.multiplier.high
