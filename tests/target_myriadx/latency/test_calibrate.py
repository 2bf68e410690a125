# SPDX-License-Identifier: Apache-2.0
"""The latency model: what it was fitted to, and how far it is off on what it was not."""

import json

import pytest

from drawplate_target_myriadx.calibrate import calibrate, leave_one_out, report
from drawplate_target_myriadx.calibration.features import compile_features, read_features
from drawplate_target_myriadx.calibration.rows import equations, read_published
from drawplate_target_myriadx.latency import Work, load_model
from drawplate_target_myriadx.latency.model import CONSTANTS, distance, spent


@pytest.fixture(scope="module")
def rows():
    return equations(read_published(), read_features())


def test_constants_are_those_that_the_fit_gives():
    assert calibrate(read_published(), read_features()) == json.loads(CONSTANTS.read_text())


def test_every_published_row_has_a_source():
    lines = CONSTANTS.parents[1].joinpath("calibration/published.csv").read_text().splitlines()
    assert len(lines) == 116
    assert all("http" in line for line in lines[1:])


def test_left_out_networks_are_met_within_five_percent(rows):
    found = leave_one_out(rows)
    latencies, every = found["network out, latencies"], found["network out, all rows"]
    assert (latencies.rows, every.rows) == (17, 26)
    assert latencies.mape <= 0.05
    assert every.mape <= 0.05
    assert min(latencies.spearman, every.spearman) >= 0.99


def test_the_nce_is_found_to_run_at_its_clock():
    """Nothing tells the fit that the compiler's cycles pass at 700 MHz."""
    assert load_model().prices.nce_scale == pytest.approx(1, abs=0.05)


def test_left_out_families_are_told_as_they_are(rows):
    record = json.loads(CONSTANTS.read_text())
    found = leave_one_out(rows)["family out, latencies"]
    assert record["checks"]["family out, latencies"]["mape"] == pytest.approx(found.mape, abs=1e-4)
    assert record["new_error"] > 3 * record["known_error"]
    assert "family out" in report(record)


def test_shares_sum_to_one_and_distances_are_metric():
    model = load_model()
    one, other = spent(model.prices, Work(launches=20, nce_cycles=1e6)), spent(model.prices, Work(descriptors=1e3))
    assert sum(one.values()) == pytest.approx(1)
    assert distance(one, one) == 0
    assert 0 < distance(one, other) == distance(other, one) <= 1


@pytest.mark.slow
@pytest.mark.myriad
def test_features_are_those_of_the_rebuilt_networks(tool):
    """All 17 calibration networks compile to what is kept beside the code."""
    assert compile_features(tool) == read_features()
