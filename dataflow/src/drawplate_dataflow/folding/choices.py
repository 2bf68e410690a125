# SPDX-License-Identifier: Apache-2.0
"""One folding for all layers."""

from __future__ import annotations

from collections.abc import Sequence

from drawplate_dataflow.network import Layer, LayerFolding, Stream
from drawplate_dataflow.technology import GENERIC


def uniform(layer: Layer, sources: Sequence[Stream], pe: int, simd: int) -> LayerFolding:
    """Return the legal folding nearest below ``pe`` and ``simd``, as a uniform folding is meant."""
    legal = list(layer.foldings(sources, GENERIC, 0))
    best_pe = max((folding.pe for folding in legal if folding.pe <= pe), default=0)
    best_simd = max((folding.simd for folding in legal if folding.simd <= simd), default=0)
    return LayerFolding(pe=best_pe, simd=best_simd)
