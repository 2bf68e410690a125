# SPDX-License-Identifier: Apache-2.0
"""What a layer takes, without synthesising it.

A layer is put together as for its Verilog.  Processing elements and ROMs are counted exactly, in their netlists; what
remains (control, drain, threshold units) is a sum of few terms whose constants a technology has fitted to synthesised
modules.
"""

from __future__ import annotations

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.model import CostModel, LayerCost

__all__ = ["CostModel", "Estimate", "LayerCost"]
