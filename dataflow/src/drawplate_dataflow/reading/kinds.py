# SPDX-License-Identifier: Apache-2.0
"""The kinds of layers that are known, by operator of a DATAFLOW graph."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from drawplate_dataflow.layers import Add, ArgMax, MatMul, Pad, Pool, Threshold, Window
from drawplate_dataflow.network import Layer

BUILT_IN: Final[tuple[type[Layer], ...]] = (MatMul, Threshold, Window, Pad, Pool, Add, ArgMax)
KINDS: Final[Mapping[str, type[Layer]]] = MappingProxyType(
    {operator: kind for kind in BUILT_IN for operator in kind.operators}
)
