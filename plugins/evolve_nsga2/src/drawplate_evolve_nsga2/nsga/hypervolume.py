# SPDX-License-Identifier: GPL-3.0-or-later
"""Fronts of vectors, and the hypervolume that they dominate (Zitzler and Thiele 1998), exactly, by moocore.

Platypus' own indicator inverts objects that a list holds twice, and is then wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

Vector = tuple[float, ...]


def hypervolume(vectors: Sequence[Vector], reference: Vector) -> float:
    """Return the volume between a set of vectors, all to be made small, and a reference point.

    Vectors that are not better than the reference in every objective count nothing.
    """
    import moocore
    import numpy as np

    return float(moocore.hypervolume(np.array(vectors, float).reshape(-1, len(reference)), ref=reference))


def undominated(vectors: Sequence[Vector]) -> list[Vector]:
    """Return the vectors, all to be made small, that no other dominates; of equal ones the first."""
    import moocore
    import numpy as np

    if not vectors:
        return []
    kept = moocore.is_nondominated(np.array(vectors, float))
    return [vector for vector, stays in zip(vectors, kept, strict=True) if stays]
