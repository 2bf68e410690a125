# SPDX-License-Identifier: Apache-2.0
"""The ``[data]`` table."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from drawplate.options import option

Named = Literal["unit", "standard", "none"]


@frozen(kw_only=True)
class Affine:
    """``(x / scale - mean) / std``, in numbers."""

    mean: tuple[float, ...] = option("Subtracted: a number per channel (or feature), or one for all.", default=(0.0,))
    std: tuple[float, ...] = option("Divided by: likewise.", default=(1.0,), above=0)
    scale: float | None = option(
        "What values are divided by before; left out, 255 for bytes, 65535 for uint16 and 1 for all else.",
        default=None,
        above=0,
    )


@frozen(kw_only=True)
class DataOptions:
    """What a flow says about its data."""

    name: str = option(
        "Data set: one that a plugin offers, or 'npz', 'csv' or 'folder' for your own.", default="digits"
    )
    path: str | None = option("File or folder of the data, where it is not found by itself.", default=None)
    limit: int | None = option("Use only the first so many training items.", default=None, at_least=1)
    test_limit: int | None = option("Use only the first so many test items.", default=None, at_least=1)
    val: int | None = option("How many training items are held out for validation.", default=None, at_least=1)
    shuffle: bool = option(
        "Whether your own training data are shuffled before the validation is held out.", default=True
    )
    seed: int = option("Seed of that order.", default=0, at_least=0)
    download: bool = option("Whether a published data set that is not found is downloaded.", default=True)
    shape: tuple[int, ...] | None = option(
        "Shape that every item is given, e.g. [1, 49, 10]; as it comes where left out.", default=None, at_least=1
    )
    classes: int | tuple[str, ...] | None = option(
        "Number of classes, or their names; found from the data where left out.",
        default=None,
        at_least=1,
        at_most=65_536,
    )
    normalise: Named | Affine | None = option(  # noqa: RUF009 - Affine is frozen
        "unit: pixels / 255, other values by the largest; standard: mean 0 and deviation 1 per channel; none: as "
        "they are; or mean, std and scale.",
        default=None,
    )
    range: tuple[float, float] | None = option(
        "Smallest and largest value that a network is fed, after normalise; found from the training data where left "
        "out.",
        default=None,
    )
    task: str | None = option(
        "What models are for: which class, which of two, which labels, numbers, or the example itself; classification "
        "where left out and labels are whole numbers.",
        default=None,
        choices=("classification", "binary", "labels", "regression", "reconstruction"),
    )
