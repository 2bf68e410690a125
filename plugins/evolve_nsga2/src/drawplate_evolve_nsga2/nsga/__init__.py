# SPDX-License-Identifier: GPL-3.0-or-later
"""NSGA-II over rows of legal values, asked for points and told what they are worth; it evaluates nothing itself."""

from drawplate_evolve_nsga2.nsga.evolution import Evolution
from drawplate_evolve_nsga2.nsga.hypervolume import hypervolume, undominated
from drawplate_evolve_nsga2.nsga.individual import Axis, Individual, Point
from drawplate_evolve_nsga2.nsga.selection import front, ranked

__all__ = ["Axis", "Evolution", "Individual", "Point", "front", "hypervolume", "ranked", "undominated"]
