# SPDX-License-Identifier: Apache-2.0
"""What a layer takes, without synthesising it.

The processing elements and ROMs are counted exactly, from the netlists that the generator writes; what remains
(control, drain, threshold units) is a sum of few terms whose constants are fitted to synthesised layers.
"""

from __future__ import annotations

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.model import CostModel, LayerCost, load_model

__all__ = ["CostModel", "Estimate", "LayerCost", "load_model"]
