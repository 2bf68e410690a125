# SPDX-License-Identifier: Apache-2.0
"""Resources of a design, counted by yosys layer by layer."""

from __future__ import annotations

from drawplate_target_z7020.synthesis.synthesise import LayerCount, Synthesis, begin, synthesise

__all__ = ["LayerCount", "Synthesis", "begin", "synthesise"]
