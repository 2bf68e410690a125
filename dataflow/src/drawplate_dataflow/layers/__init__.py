# SPDX-License-Identifier: Apache-2.0
"""Kinds of layers, one file each: data, reading, golden arithmetic, foldings, hardware."""

from __future__ import annotations

from drawplate_dataflow.layers.add import Add
from drawplate_dataflow.layers.argmax import ArgMax
from drawplate_dataflow.layers.matmul import MatMul
from drawplate_dataflow.layers.pad import Pad
from drawplate_dataflow.layers.pool import Pool, PoolFunction
from drawplate_dataflow.layers.threshold import Threshold
from drawplate_dataflow.layers.window import Window

__all__ = ["Add", "ArgMax", "MatMul", "Pad", "Pool", "PoolFunction", "Threshold", "Window"]
