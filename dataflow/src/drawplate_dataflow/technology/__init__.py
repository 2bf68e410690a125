# SPDX-License-Identifier: Apache-2.0
"""Device families: how tables, adders, memories and multipliers are written, and what they take."""

from __future__ import annotations

from drawplate_dataflow.technology.energy import EnergyPrices, Spread
from drawplate_dataflow.technology.fitted import Fitted
from drawplate_dataflow.technology.generic import GENERIC, Generic
from drawplate_dataflow.technology.memory import MemoryPrice, Rom, Style
from drawplate_dataflow.technology.multiplier import Multiplier
from drawplate_dataflow.technology.protocol import ErrorBars, Label, Technology
from drawplate_dataflow.technology.table import Table

__all__ = [
    "GENERIC",
    "EnergyPrices",
    "ErrorBars",
    "Fitted",
    "Generic",
    "Label",
    "MemoryPrice",
    "Multiplier",
    "Rom",
    "Spread",
    "Style",
    "Table",
    "Technology",
]
