# SPDX-License-Identifier: Apache-2.0
"""The neutral integer description of a lowered network, and its golden model."""

from __future__ import annotations

from drawplate_dataflow.network.model import (
    INPUT,
    Add,
    ArgMax,
    Layer,
    MatMul,
    Memory,
    Network,
    Pad,
    Pool,
    PoolKind,
    Scale,
    Stream,
    Threshold,
    Window,
)
from drawplate_dataflow.network.read import read
from drawplate_dataflow.network.types import BIPOLAR, TERNARY, IntType, parse_type, signed, spanning, unsigned

__all__ = [
    "BIPOLAR",
    "INPUT",
    "TERNARY",
    "Add",
    "ArgMax",
    "IntType",
    "Layer",
    "MatMul",
    "Memory",
    "Network",
    "Pad",
    "Pool",
    "PoolKind",
    "Scale",
    "Stream",
    "Threshold",
    "Window",
    "parse_type",
    "read",
    "signed",
    "spanning",
    "unsigned",
]
