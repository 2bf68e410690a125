# SPDX-License-Identifier: Apache-2.0
"""Figures of a design that every target finds in the same way: estimates, rates, and bit-exact simulation."""

from __future__ import annotations

from drawplate_dataflow.evidence.energy import energy_metrics
from drawplate_dataflow.evidence.estimates import estimate_forks, estimate_layers
from drawplate_dataflow.evidence.rates import estimated_rate, rate
from drawplate_dataflow.evidence.resources import resource_metrics, utilisation
from drawplate_dataflow.evidence.simulated import Wanted, keep_waveform, simulated

__all__ = [
    "Wanted",
    "energy_metrics",
    "estimate_forks",
    "estimate_layers",
    "estimated_rate",
    "keep_waveform",
    "rate",
    "resource_metrics",
    "simulated",
    "utilisation",
]
