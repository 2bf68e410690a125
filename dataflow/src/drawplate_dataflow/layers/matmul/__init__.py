# SPDX-License-Identifier: Apache-2.0
"""Matrix layers."""

from __future__ import annotations

from drawplate_dataflow.layers.matmul.layer import MatMul

__all__ = ["MatMul"]
