# SPDX-License-Identifier: Apache-2.0
"""How far data of one's own can be trusted: what has to be said beside every figure that rests on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drawplate.data.arrange import is_sorted
from drawplate.data.model import Split
from drawplate.data.normalisation import Normalisation

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOWN = 3
DIM = 0.1
"""Part of their range that values stay below where something is likely to be wrong with it."""
NEAR, FAR = 1e-3, 30.0
"""Magnitudes of what a model is fed between which training works."""


def notes(
    splits: Mapping[str, Split], classes: Sequence[str], normalisation: Normalisation, *, own: bool, shuffled: bool
) -> Iterator[str]:
    """Yield one line for everything that weakens what is measured on these data.

    Args:
        splits: the data.
        classes: their names.
        normalisation: how items are fed.
        shuffled: whether they were brought into another order before they were divided.
        own: whether they are the user's; published ones are known to be divided well and pictures of 0..255.
    """
    train, val, test = (splits[name] for name in ("train", "val", "test"))
    if train.y.ndim == 1 and classes:
        yield from _absent(train.y, classes, "training")
        yield from _absent(val.y, classes, "validation")
    if not own:
        return
    if train.y.ndim == 1 and classes and not shuffled and is_sorted(train.y):
        yield "labels are sorted and not shuffled: the last of them, which are validation, are no sample of all"
    shared = _shared(train.x, test.x)
    if shared:
        yield f"{shared:,} of {len(test):,} test items are training items too"
    yield from _range(train.x, normalisation)


def _absent(y: NDArray[Any], classes: Sequence[str], what: str) -> Iterator[str]:
    import numpy as np

    absent = np.setdiff1d(np.arange(len(classes)), y)
    if len(absent):
        names = ", ".join(repr(classes[label]) for label in absent[:SHOWN])
        more = f" and {len(absent) - SHOWN:,} more" if len(absent) > SHOWN else ""
        yield f"no {what} item of class {names}{more}"


def _shared(train: NDArray[Any], test: NDArray[Any]) -> int:
    import numpy as np

    known = {hash(row.tobytes()) for row in np.ascontiguousarray(train)}
    return sum(hash(row.tobytes()) in known for row in np.ascontiguousarray(test))


def _range(x: NDArray[Any], normalisation: Normalisation) -> Iterator[str]:
    low, high = x.min(), x.max()
    if low == high:
        yield f"all training values are {low}"
    elif low >= 0 and normalisation.scale > 1 and high < DIM * normalisation.scale:
        yield (
            f"training values go up to {high} and are divided by {normalisation.scale:g}; if more does not "
            f"come, say normalise = {{ scale = {high} }}"
        )
    elif not NEAR < max(map(abs, normalisation.fed)) < FAR:
        yield (
            f"a network is fed values from {normalisation.fed[0]:g} to {normalisation.fed[1]:g}; "
            'normalise = "standard" brings them near 1'
        )
