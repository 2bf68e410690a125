# SPDX-License-Identifier: Apache-2.0
"""Choosing PE and SIMD of every layer, exactly."""

from __future__ import annotations

from drawplate_dataflow.folding.choices import uniform
from drawplate_dataflow.folding.optimise import Goal, Plan, Problem, smallest_plan

__all__ = ["Goal", "Plan", "Problem", "smallest_plan", "uniform"]
