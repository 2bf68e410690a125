# SPDX-License-Identifier: Apache-2.0
"""Cycle-accurate simulation with Verilator against the golden model."""

from __future__ import annotations

from drawplate_target_z7020.simulate.program import SimulationSettings
from drawplate_target_z7020.simulate.simulation import SimulationResult, run

__all__ = ["SimulationResult", "SimulationSettings", "run"]
