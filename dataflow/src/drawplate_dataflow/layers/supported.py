# SPDX-License-Identifier: Apache-2.0
"""The table of what is supported, read off the kinds of layers."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from attrs import frozen

from drawplate_dataflow.network import Layer


@frozen(kw_only=True)
class Row:
    """One kind of layer."""

    kind: str
    operators: tuple[str, ...]
    """Of a DATAFLOW graph, as FINN calls them."""
    what: str
    """The first line of its description."""
    folding: str
    needs: str
    """What of a device family's fabric it is made of."""


def supported(kinds: Mapping[str, type[Layer]]) -> list[Row]:
    """Describe kinds of layers, each once, in the order in which they are listed."""
    return [
        Row(
            kind=kind.__name__,
            operators=kind.operators,
            what=(inspect.getdoc(kind) or "").partition("\n")[0],
            folding=kind.folds,
            needs=kind.needs,
        )
        for kind in dict.fromkeys(kinds.values())
    ]
