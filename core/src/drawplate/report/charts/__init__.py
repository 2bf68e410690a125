# SPDX-License-Identifier: Apache-2.0
"""Charts as plain values: what plotly.js draws, made without loading plotly."""

from drawplate.report.charts.chart import Chart

__all__ = ["Chart"]
