# SPDX-License-Identifier: Apache-2.0
"""How a matrix is arranged in the memories of its processing elements."""

from __future__ import annotations

import numpy as np

from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.network import IntType
from drawplate_dataflow.network.types import Integers


def offsets_of(weights: Integers, x: IntType) -> Integers:
    """Return the value of a stored 0 of every output: the smallest sum that its weights can give."""
    smallest: Integers = np.minimum(weights * x.low, weights * x.high).sum(axis=0)
    return smallest


def arrange(codes: Integers, layer: Matrix) -> Integers:
    """Arrange [mw, mh] codes (or weights) as [nf, sf, pe, simd].

    A partly filled last word comes from a shift register that is filled from the top, so its elements sit in the
    highest lanes; the lanes below hold what came before and meet weights of zero.
    """
    sf, nf, simd, pe = layer.sf, layer.nf, layer.simd, layer.pe
    gap = sf * simd - layer.mw
    rows = np.zeros((sf * simd, layer.mh), np.int64)
    rows[: (sf - 1) * simd] = codes[: (sf - 1) * simd]
    rows[(sf - 1) * simd + gap :] = codes[(sf - 1) * simd :]
    columns = np.zeros((sf * simd, nf * pe), np.int64)
    columns[:, : layer.mh] = rows
    folded: Integers = columns.reshape(sf, simd, nf, pe).transpose(2, 0, 3, 1)
    return folded
