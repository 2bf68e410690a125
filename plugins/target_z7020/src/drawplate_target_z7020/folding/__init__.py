# SPDX-License-Identifier: Apache-2.0
"""Choosing PE and SIMD of every layer, exactly."""

from __future__ import annotations

from drawplate_target_z7020.folding.choices import LayerFolding, fold_layer
from drawplate_target_z7020.folding.optimise import Goal, Plan, Problem, smallest_plan

__all__ = ["Goal", "LayerFolding", "Plan", "Problem", "fold_layer", "smallest_plan"]
