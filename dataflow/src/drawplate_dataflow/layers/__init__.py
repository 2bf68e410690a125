# SPDX-License-Identifier: Apache-2.0
"""Kinds of layers, one file each: data, reading, golden arithmetic, foldings, hardware."""

from __future__ import annotations

from drawplate_dataflow.layers.add import Add, Sub
from drawplate_dataflow.layers.argmax import ArgMax
from drawplate_dataflow.layers.concat import Concat
from drawplate_dataflow.layers.depthwise import Depthwise
from drawplate_dataflow.layers.matmul import MatMul
from drawplate_dataflow.layers.pad import Pad
from drawplate_dataflow.layers.pool import Pool, PoolFunction
from drawplate_dataflow.layers.threshold import Threshold
from drawplate_dataflow.layers.upsample import Upsample
from drawplate_dataflow.layers.window import Window

__all__ = [
    "Add",
    "ArgMax",
    "Concat",
    "Depthwise",
    "MatMul",
    "Pad",
    "Pool",
    "PoolFunction",
    "Sub",
    "Threshold",
    "Upsample",
    "Window",
]
