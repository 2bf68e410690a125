# SPDX-License-Identifier: Apache-2.0
"""What a model shall say of every item, by task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.data.items import is_number, real_values
from drawplate.data.labels import check_test_labels, class_labels, class_names
from drawplate.data.model import Raw
from drawplate.data.options import DataOptions
from drawplate.errors import DataError
from drawplate.task import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Targets = NDArray[Any]

Read = tuple["Targets", "Targets", tuple[str, ...]]
"""Targets of the training data, of the test data, and names of classes or labels."""


def read_targets(kind: Kind, raw: Raw, options: DataOptions, where: str) -> Read:
    """Check targets and bring them to the form of their task.

    Returns:
        int64 (N,) of classes; float32 (N, labels) of 0 and 1; float32 (N, ...) of numbers; for reconstruction int64
        (N,), 1 for an anomaly where the file says so, else 0.  And the names of classes or labels.

    Raises:
        DataError: when they are absent, or not what the task wants.
    """
    import numpy as np

    if kind is Kind.RECONSTRUCTION:
        _no_classes(kind, options, where)
        return _anomalies(raw.train_y, len(raw.train_x)), _anomalies(raw.test_y, len(raw.test_x)), ()
    for part, y in (("train", raw.train_y), ("test", raw.test_y)):
        if y is None:
            raise DataError(
                f"has no y_{part}, which the task {kind} needs",
                where=where,
                hint='add it, or say task = "reconstruction" in [data] for a model that gives back its input',
            )
    if kind is Kind.REGRESSION:
        _no_classes(kind, options, where)
        return _numbers(raw, where)
    if kind is Kind.LABELS:
        return _several(raw, options, where)
    train, test = (
        class_labels(y, len(x), f"{where}, {part} labels")
        for part, x, y in (("train", raw.train_x, raw.train_y), ("test", raw.test_x, raw.test_y))
    )
    names = class_names(options.classes, raw.classes, train, f"{where}, train labels")
    if kind is Kind.BINARY and len(names) != 2:
        raise DataError(f"has {len(names)} classes", where=where, allowed="two classes for the task binary")
    check_test_labels(train, test, names, where)
    if raw.classes and names != raw.classes:  # the flow wants them in another order
        moved = np.array([names.index(name) for name in raw.classes])
        train, test = moved[train], moved[test]
    return train, test, names


def _no_classes(kind: Kind, options: DataOptions, where: str) -> None:
    if options.classes is not None:
        raise DataError("is given", where=f"{where}, option 'classes'", allowed=f"no classes for the task {kind}")


def _anomalies(y: Any, count: int) -> Targets:
    import numpy as np

    found = np.asarray(y if y is not None else 0)
    told = found.size == count and found.dtype.kind in "biuf" and bool(np.isin(found, (0, 1)).all())
    return found.reshape(-1).astype(np.int64) if told else np.zeros(count, np.int64)


def _numbers(raw: Raw, where: str) -> Read:
    import numpy as np

    found = []
    for part, x, y, at in (
        ("train", raw.train_x, raw.train_y, raw.train_at),
        ("test", raw.test_x, raw.test_y, raw.test_at),
    ):
        place = f"{where}, {part} targets"
        numbers = real_values(_meant(y, raw.classes, where), place, at)
        if len(numbers) != len(x):
            raise DataError(f"has {len(numbers)} targets for {len(x)} items", where=place, allowed="one per item")
        found.append(np.ascontiguousarray(numbers, np.float32))
    _alike(found, where)
    return found[0], found[1], ()


def _meant(y: Any, names: tuple[str, ...], where: str) -> Any:
    """Numbers that stand as names of classes, such as folders called 10 and 20, are the targets themselves."""
    import numpy as np

    if not names:
        return y
    words = [name for name in names if not is_number(name)]
    if words:
        shown = ", ".join(repr(word) for word in words[:3])
        raise DataError(
            f"targets are no numbers ({shown})",
            where=where,
            allowed="numbers for the task regression",
            hint='leave such items out, or say task = "classification" in [data]',
        )
    return np.array([float(name) for name in names])[np.asarray(y)]


def _several(raw: Raw, options: DataOptions, where: str) -> Read:
    import numpy as np

    found = []
    for part, x, y in (("train", raw.train_x, raw.train_y), ("test", raw.test_x, raw.test_y)):
        place, flags = f"{where}, {part} labels", np.asarray(y)
        if flags.ndim != 2 or len(flags) != len(x) or not flags.size:
            raise DataError(
                f"have shape {flags.shape}",
                where=place,
                allowed=f"({len(x)}, labels), 1 where a label holds",
                hint='one class per item is task = "classification"' if flags.ndim == 1 else None,
            )
        if flags.dtype.kind not in "biuf" or not np.isin(flags, (0, 1)).all():
            raise DataError("hold something else than 0 and 1", where=place, allowed="1 where a label holds, else 0")
        found.append(flags.astype(np.float32))
    _alike(found, where)
    count = found[0].shape[1]
    given = options.classes if options.classes is not None else count
    names = tuple(map(str, range(given))) if isinstance(given, int) else tuple(given)
    if len(names) != count or len(set(names)) < count:
        raise DataError(
            f"names {len(names)} labels", where=f"{where}, option 'classes'", allowed=f"{count} different names"
        )
    return found[0], found[1], names


def _alike(found: list[Targets], where: str) -> None:
    if found[0].shape[1:] != found[1].shape[1:]:
        raise DataError(
            f"training targets are {list(found[0].shape[1:])}, test targets {list(found[1].shape[1:])}", where=where
        )
