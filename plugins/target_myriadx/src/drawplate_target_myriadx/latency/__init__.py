# SPDX-License-Identifier: Apache-2.0
"""How long a compiled network takes: what its stages do, priced by six fitted constants."""

from drawplate_target_myriadx.latency.model import LatencyModel, load_model
from drawplate_target_myriadx.latency.work import Work, network_work, stage_work

__all__ = ["LatencyModel", "Work", "load_model", "network_work", "stage_work"]
