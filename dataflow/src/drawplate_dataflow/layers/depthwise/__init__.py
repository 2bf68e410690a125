# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions."""

from __future__ import annotations

from drawplate_dataflow.layers.depthwise.layer import Depthwise

__all__ = ["Depthwise"]
