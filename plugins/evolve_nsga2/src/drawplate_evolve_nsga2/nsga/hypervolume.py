# SPDX-License-Identifier: GPL-3.0-or-later
"""The hypervolume that a front dominates (Zitzler and Thiele 1998), exactly, by slicing.

Platypus' own indicator inverts objects that a list holds twice, and is then wrong; ours knows only numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

Vector = tuple[float, ...]


def hypervolume(vectors: Sequence[Vector], reference: Vector) -> float:
    """Return the volume between a set of vectors, all to be made small, and a reference point.

    Vectors that are not better than the reference in every objective count nothing.
    """
    inside = {vector for vector in vectors if all(v < r for v, r in zip(vector, reference, strict=True))}
    return _sliced(sorted(inside), reference)


def _sliced(vectors: Sequence[Vector], reference: Vector) -> float:
    """Cut along the first objective, by which ``vectors`` are sorted, and add up the slices."""
    if not vectors:
        return 0.0
    if len(reference) == 1:
        return reference[0] - vectors[0][0]
    total, kept = 0.0, list[Vector]()
    edges = [vector[0] for vector in vectors[1:]] + [reference[0]]
    for vector, edge in zip(vectors, edges, strict=True):
        kept = _undominated([*kept, vector[1:]])
        if edge > vector[0]:
            total += (edge - vector[0]) * _sliced(sorted(kept), reference[1:])
    return total


def _undominated(vectors: Sequence[Vector]) -> list[Vector]:
    new = vectors[-1]
    if any(all(a <= b for a, b in zip(old, new, strict=True)) for old in vectors[:-1]):
        return list(vectors[:-1])
    return [old for old in vectors[:-1] if not all(b <= a for a, b in zip(old, new, strict=True))] + [new]
