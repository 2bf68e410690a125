# SPDX-License-Identifier: Apache-2.0
"""A lowered network in plain integers, and its golden model; kinds of layers are in ``drawplate_dataflow.layers``."""

from __future__ import annotations

from drawplate_dataflow.network.folding import LayerFolding, Memory
from drawplate_dataflow.network.layer import Layer
from drawplate_dataflow.network.network import Network, Scale, takes_words
from drawplate_dataflow.network.stream import INPUT, Stream
from drawplate_dataflow.network.types import BIPOLAR, TERNARY, IntType, parse_type, signed, spanning, unsigned

__all__ = [
    "BIPOLAR",
    "INPUT",
    "TERNARY",
    "IntType",
    "Layer",
    "LayerFolding",
    "Memory",
    "Network",
    "Scale",
    "Stream",
    "parse_type",
    "signed",
    "spanning",
    "takes_words",
    "unsigned",
]
