# SPDX-License-Identifier: Apache-2.0
"""Non-dominated ways to fold the first layers of a network, kept in arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.network import Layer, LayerFolding
from drawplate_dataflow.resources import NAMES

Vectors = NDArray[np.float64]
Widths = tuple[tuple[str, int], ...]
"""Streams by name, and the elements of their words."""
_BLOCK: Final = 256


@frozen(kw_only=True)
class Option:
    """One way to fold one layer."""

    folding: LayerFolding
    layer: Layer = field(eq=False, repr=False)
    sends: int
    """Elements of a word of its output stream."""
    cycles: int
    """Clocks per frame, at least, whatever sends its input."""


@frozen(eq=False)
class Extension:
    """All foldings of a front, each followed by the same folding of the next layer."""

    before: Front | None
    option: Option
    estimate: Estimate

    @property
    def vectors(self) -> Vectors:
        """Resources, one row per folding."""
        taken = np.array([self.estimate.resources.vector])
        return taken if self.before is None else self.before.vectors + taken


@frozen(eq=False)
class Front:
    """Foldings of the layers so far, equal in the widths of streams that are still to be read; none is dominated."""

    vectors: Vectors
    """[foldings, resources]"""
    came: tuple[tuple[Extension, int], ...]
    """What every folding extends, and the row of the front before."""
    widths: Widths
    """Elements of a word of every stream that later layers read."""

    def chain(self, row: int) -> Iterator[tuple[Option, Estimate]]:
        """Yield the layers of a folding, the last one first."""
        front: Front | None = self
        while front is not None:
            extension, row = front.came[row]
            yield extension.option, extension.estimate
            front = extension.before


def joined(extensions: Sequence[Extension], widths: Widths, budget: Vectors | None) -> Front | None:
    """Keep what is within the budget and not dominated; None where nothing is left."""
    stacked = [extension.vectors for extension in extensions]
    vectors = np.concatenate(stacked)
    owner = np.repeat(np.arange(len(stacked)), [len(part) for part in stacked])
    row = np.concatenate([np.arange(len(part)) for part in stacked])
    rows = np.arange(len(vectors)) if budget is None else np.flatnonzero((vectors <= budget).all(axis=1))
    rows = rows[non_dominated(vectors[rows])]
    if not rows.size:
        return None
    return Front(vectors[rows], tuple((extensions[owner[at]], int(row[at])) for at in rows), widths)


def non_dominated(vectors: Vectors) -> NDArray[np.intp]:
    """Return the rows that no other row is at most as large as in every column; of equal rows, one."""
    order = np.lexsort(vectors.T[::-1])
    kept, chosen = np.empty((0, len(NAMES))), [np.empty(0, np.intp)]
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        rows = rows[~_covered(kept, vectors[rows])]
        block = vectors[rows]
        # A row can only be dominated by one that is sorted before it.
        inside = (block[:, None] <= block[None]).all(axis=2) & np.triu(np.ones((len(rows),) * 2, bool), 1)
        rows = rows[~inside.any(axis=0)]
        chosen.append(rows)
        kept = np.concatenate([kept, vectors[rows]])
    return np.concatenate(chosen)


def _covered(kept: Vectors, block: Vectors) -> NDArray[np.bool_]:
    """Whether some kept row is at most as large as a row of the block, column by column without a cube in memory."""
    found: NDArray[np.bool_] = np.ones((len(kept), len(block)), bool)
    for column in range(kept.shape[1]):
        np.logical_and(found, kept[:, column, None] <= block[None, :, column], out=found)
    return np.asarray(found.any(axis=0))
