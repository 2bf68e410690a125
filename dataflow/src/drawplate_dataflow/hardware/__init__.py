# SPDX-License-Identifier: Apache-2.0
"""From a network to synthesisable Verilog-2005."""

from __future__ import annotations

from drawplate_dataflow.hardware.design import Design, LayerDesign
from drawplate_dataflow.hardware.generate import generate
from drawplate_dataflow.hardware.port import Port

__all__ = ["Design", "LayerDesign", "Port", "generate"]
