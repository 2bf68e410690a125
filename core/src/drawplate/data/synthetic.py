# SPDX-License-Identifier: Apache-2.0
"""Made-up examples of any shape, for networks whose data are not at hand: every figure on them says that it is theirs.

An example is a few fixed random patterns, as strong as its target says, in noise: a network can learn it, so that
ranges, training and hardware are tried as with real data; how well it does says nothing about any real ones.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.data.items import CHANNELS
from drawplate.data.model import DatasetReader, Raw
from drawplate.data.options import DataOptions
from drawplate.errors import DataError
from drawplate.task import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float32]

FEWEST, MOST = 60, 600
"""Training examples that are made, the fewer the larger they are; a third as many are test examples."""
ROOM = 1 << 25
"""Values that the training examples have together, unless a few of them have more."""
LARGEST = 1 << 22
"""Values of one example at most."""
FACTORS = 4
"""Patterns that are mixed where there are no classes."""
NOTE = "synthetic data: figures say nothing about any real ones"


def synthetic() -> DatasetReader:
    """Examples of the shape and number of classes that the flow says: always there, always the same."""
    return DatasetReader(
        name="synthetic",
        summary="made-up examples of any shape and classes; needs no file",
        find=lambda _given: Path("made by code"),
        read=lambda _found: _made(DataOptions(name="synthetic")),
        make=_made,
    )


def _made(options: DataOptions) -> Raw:
    import numpy as np

    shape, kind = _asked(options), Kind(options.task or "classification")
    random = np.random.default_rng(options.seed)
    names = _names(options, kind)
    factors = len(names) or FACTORS
    training = max(FEWEST, min(MOST, ROOM // math.prod(shape)), 3 * len(names))
    patterns = random.standard_normal((factors, *shape), dtype=np.float32)
    parts = [_examples(count, patterns, kind, random) for count in (training, training // 3)]
    if _is_picture(shape):
        parts = [(np.clip(np.round(128 + 40 * x), 0, 255).astype(np.uint8), y) for x, y in parts]
    (train_x, train_y), (test_x, test_y) = parts
    return Raw(
        train_x=train_x,
        train_y=train_y,
        test_x=test_x,
        test_y=test_y,
        classes=names,
        notes=(NOTE,),
        synthetic=True,
    )


def _examples(
    count: int, patterns: Values, kind: Kind, random: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return examples, float32 (count, ...), and their targets in the form of the task."""
    import numpy as np

    factors = len(patterns)
    y: NDArray[Any] | None
    match kind:
        case Kind.CLASSIFICATION | Kind.BINARY:
            y = random.permutation(np.arange(count) % factors)
            strengths = np.eye(factors, dtype=np.float32)[y]
        case Kind.LABELS:
            y = random.integers(0, 2, (count, factors))
            strengths = y.astype(np.float32)
        case _:
            strengths = random.standard_normal((count, factors), dtype=np.float32)
            y = None if kind is Kind.RECONSTRUCTION else strengths[:, :1]
    x = random.standard_normal((count, *patterns.shape[1:]), dtype=np.float32)
    for number in range(count):  # no copy of all of them
        x[number] += np.tensordot(strengths[number], patterns, 1)
    return x, y


def _is_picture(shape: tuple[int, ...]) -> bool:
    """Whether examples are pictures, which are bytes."""
    return len(shape) == 3 and shape[0] in CHANNELS


def _asked(options: DataOptions) -> tuple[int, ...]:
    if options.shape is None:
        raise DataError(
            "are of no shape that is known",
            where="option 'shape'",
            allowed="the sizes of one example, e.g. shape = [3, 32, 32]",
        )
    if math.prod(options.shape) > LARGEST:
        raise DataError(
            f"shape = {list(options.shape)} is too large",
            where="option 'shape'",
            allowed=f"at most {LARGEST:,} values",
        )
    return tuple(options.shape)


def _names(options: DataOptions, kind: Kind) -> tuple[str, ...]:
    """Return the names of classes or labels; none where the task has none."""
    if kind in {Kind.REGRESSION, Kind.RECONSTRUCTION}:
        return ()
    classes = 2 if options.classes is None and kind is Kind.BINARY else options.classes
    if classes is None:
        raise DataError(
            "are of no number of classes that is known", where="option 'classes'", allowed="e.g. classes = 10"
        )
    return tuple(map(str, range(classes))) if isinstance(classes, int) else tuple(classes)
