# SPDX-License-Identifier: Apache-2.0
"""The kinds of layers that are known, by operator of a DATAFLOW graph: those that come along, and other plugins'."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from drawplate.errors import BrokenPlugin
from drawplate.plugins import contributions
from drawplate_dataflow.layers import (
    Add,
    ArgMax,
    Concat,
    Depthwise,
    MatMul,
    Pad,
    Pool,
    Sub,
    Threshold,
    Upsample,
    Window,
)
from drawplate_dataflow.network import Layer

HOOK: Final = "dataflow_layers"
BUILT_IN: Final[Mapping[str, type[Layer]]] = MappingProxyType(
    {
        operator: kind
        for kind in (MatMul, Depthwise, Threshold, Window, Pad, Pool, Add, Sub, Concat, Upsample, ArgMax)
        for operator in kind.operators
    }
)
"""Those that come along, by operator."""


def known_kinds(offered: Mapping[str, Any] | None = None) -> Mapping[str, type[Layer]]:
    """Return all kinds.

    Args:
        offered: as ``job.contributions("dataflow_layers")`` gives them; None for those of all installed plugins.

    Raises:
        BrokenPlugin: when something else than a kind of layer is offered.
    """
    offered = contributions(HOOK) if offered is None else offered
    for operator, kind in offered.items():
        if not (isinstance(kind, type) and issubclass(kind, Layer)):
            raise BrokenPlugin(
                f"{kind!r} is no kind of layer",
                where=f"hook {HOOK}, operator {operator!r}",
                allowed="a class that derives from drawplate_dataflow.network.Layer",
            )
    return {**BUILT_IN, **offered}
