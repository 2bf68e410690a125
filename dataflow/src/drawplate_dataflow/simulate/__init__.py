# SPDX-License-Identifier: Apache-2.0
"""Cycle-accurate simulation with Verilator against the golden model."""

from __future__ import annotations

from drawplate_dataflow.simulate.program import SimulationSettings
from drawplate_dataflow.simulate.simulation import SimulationResult, run

__all__ = ["SimulationResult", "SimulationSettings", "run"]
