# SPDX-License-Identifier: Apache-2.0
"""The ``[data]`` table."""

from __future__ import annotations

from attrs import frozen

from drawplate.options import option


@frozen(kw_only=True)
class DataOptions:
    """What a flow says about its data."""

    name: str = option("Data set: one that a plugin offers, or 'npz' or 'folder' for your own.", default="digits")
    path: str | None = option("File or folder of the images, where it is not found by itself.", default=None)
    limit: int | None = option("Use only the first so many training images.", default=None, at_least=1)
    test_limit: int | None = option("Use only the first so many test images.", default=None, at_least=1)
    val: int | None = option("How many training images are held out for validation.", default=None, at_least=1)
    download: bool = option("Whether a published data set that is not found is downloaded.", default=True)
    normalise: str | None = option(
        "unit: pixels / 255; standard: mean 0 and deviation 1 per channel.", default=None, choices=("unit", "standard")
    )
    task: str | None = option(
        "What models are for: which class, which of two, which labels, numbers, or the example itself; classification "
        "where left out and labels are whole numbers.",
        default=None,
        choices=("classification", "binary", "labels", "regression", "reconstruction"),
    )
