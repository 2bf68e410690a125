# SPDX-License-Identifier: Apache-2.0
"""From what a reader found to the three splits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve

from drawplate.data.model import DatasetReader, Raw, Split
from drawplate.data.options import DataOptions
from drawplate.errors import DataError

if TYPE_CHECKING:
    from drawplate.data.model import Items


def shuffled(raw: Raw, seed: int) -> Raw:
    """Put the training data, without a validation of their own, into an order that the seed decides."""
    import numpy as np

    free = len(raw.train_x) - raw.validation
    order = np.arange(len(raw.train_x))
    order[:free] = np.random.default_rng(seed).permutation(free)
    return evolve(raw, train_x=raw.train_x[order], train_y=raw.train_y[order])


def only_normal(raw: Raw) -> Raw:
    """Leave known anomalies out of the training data: what is learnt is to reconstruct what is normal."""
    import numpy as np

    normal = raw.train_y == 0
    dropped = int((~normal).sum())
    if not dropped or not normal.any():
        return raw
    held = int(normal[len(normal) - raw.validation :].sum()) if raw.validation else 0
    note = f"{dropped:,} anomalies are left out of the training and validation data"
    kept = np.flatnonzero(normal)
    return evolve(raw, train_x=raw.train_x[kept], train_y=raw.train_y[kept], validation=held, notes=(*raw.notes, note))


def divide(raw: Raw, reader: DatasetReader, options: DataOptions, where: str) -> dict[str, Split]:
    """Hold out the last training data for validation, and cut to the limits.

    Raises:
        DataError: when nothing is left to train on.
    """
    total = len(raw.train_x)
    held_out = options.val or raw.validation or reader.validation or max(1, total // 6)
    trainable = total - held_out
    if trainable < 1:
        raise DataError(
            f"val = {held_out} leaves no training items",
            where=where,
            allowed=f"1 to {total - 1}" if total > 1 else "at least 2 training items",
        )
    used, tested = min(options.limit or trainable, trainable), options.test_limit
    return {
        "train": Split(name="train", x=raw.train_x[:used], y=raw.train_y[:used]),
        "val": Split(name="val", x=raw.train_x[trainable:], y=raw.train_y[trainable:]),
        "test": Split(name="test", x=raw.test_x[:tested], y=raw.test_y[:tested]),
    }


def is_sorted(y: Items) -> bool:
    """Whether labels come class by class, so that the last of them are no sample of all."""
    import numpy as np

    return y.ndim == 1 and y[0] != y[-1] and int((np.diff(y) != 0).sum()) < len(np.unique(y))


def digest(splits: Mapping[str, Split], beside: tuple[object, ...]) -> str:
    """Digest of all that a step may see, so that the reader's code need not be part of a result's key."""
    import numpy as np

    sha = hashlib.sha256(repr(beside).encode())
    for name, split in splits.items():
        kind = "" if split.x.dtype == np.uint8 else f" {split.x.dtype}"
        sha.update(f"{name} {split.x.shape}{kind}".encode())
        sha.update(np.ascontiguousarray(split.x).data)
        sha.update(np.ascontiguousarray(split.y).tobytes())
    return sha.hexdigest()
