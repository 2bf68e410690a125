# SPDX-License-Identifier: Apache-2.0
"""A data set in words, for whoever reads a plan."""

from __future__ import annotations

from drawplate.data.model import Dataset
from drawplate.data.normalisation import Normalisation


def describe(dataset: Dataset) -> tuple[str, ...]:
    """Say what the data are, how they are fed, and what weakens what is found on them."""
    train, val, test = (dataset.splits[name] for name in ("train", "val", "test"))
    what = f"{dataset.name}: {'x'.join(map(str, dataset.shape))} of {train.x.dtype}, {dataset.task.kind}"
    if dataset.classes:
        kind = "labels" if train.y.ndim > 1 else "classes"
        what += f", {len(dataset.classes):,} {kind}"
    sizes = f"{len(train):,} training, {len(val):,} validation, {len(test):,} test items"
    return (f"{what}; {sizes}; {_fed(dataset.normalisation)}", *dataset.notes)


def _fed(normalisation: Normalisation) -> str:
    low, high = normalisation.fed
    plain = set(normalisation.mean) == {0.0} and set(normalisation.std) == {1.0}
    if plain:
        how = "as they are" if normalisation.scale == 1 else f"x / {normalisation.scale:g}"
    else:
        how = "(x - mean) / std" if normalisation.scale == 1 else f"(x / {normalisation.scale:g} - mean) / std"
    return f"fed {how}, from {low:.4g} to {high:.4g}"
