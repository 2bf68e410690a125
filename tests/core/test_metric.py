# SPDX-License-Identifier: Apache-2.0
import pytest

from drawplate import Metric, Source
from drawplate.report.figures import format_metric, format_number


def test_no_metric_without_a_source():
    with pytest.raises(TypeError):
        Metric(name="top1", value=1, unit="%")
    with pytest.raises(ValueError, match="guessed"):
        Metric(name="top1", value=1, unit="%", source="guessed")


def test_what_was_not_measured_is_marked():
    assert format_metric(Metric(name="lut", value=20876, unit="LUT", source=Source.SYNTHESISED)) == "20,876 LUT syn"
    uneven = Metric(name="power_mw", value=17.85, unit="mW", source="estimated", error=32.0, low=6.41)
    assert format_metric(uneven) == "17.85 (6.4 to 50) mW est", "no bar reaches below nothing"
    metric = Metric(name="latency_ms", value=3.551, unit="ms", source="estimated", error=0.178)
    assert format_metric(metric) == "3.551 ± 0.18 ms est"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1e6, "1,000,000"), (0.000123456, "0.0001235"), (float("inf"), "inf"), (1234.5, "1,234.50")],
)
def test_numbers(value, text):
    assert format_number(value) == text
