# SPDX-License-Identifier: Apache-2.0
"""Labels of classes: whole numbers from 0 without gaps, or one message that says what else they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from drawplate.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]

MOST = 1 << 16
"""Classes; numbers beyond are taken for identifiers."""
SHOWN = 5
WHOLE = "whole numbers from 0 to the number of classes - 1"


def class_labels(y: Any, count: int, where: str) -> Labels:
    """Read labels as they are: shape (N,) or (N, 1), of any integer type, or floats that are whole.

    Args:
        y: what was found.
        count: of the items that it belongs to.
        where: name of the array, for messages.

    Raises:
        DataError: for text, one-hot rows, fractions, negative or huge numbers, or another number of labels.
    """
    import numpy as np

    y = np.asarray(y)
    if y.dtype.kind not in "biuf":
        raise DataError(
            f"labels are no numbers ({_shown(y)})",
            where=where,
            allowed=WHOLE,
            hint="number the classes, and name them with classes = [...] in [data]",
        )
    if y.ndim > 1 and y[0].size > 1 and len(y) == count:
        onehot = y.ndim == 2 and bool(np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all())
        raise DataError(
            f"labels have shape {y.shape}{', one row per item with a single 1 (one-hot)' if onehot else ''}",
            where=where,
            allowed=f"({count},), one class per item",
            hint="save y.argmax(axis=1)" if onehot else 'several labels per item need task = "labels" in [data]',
        )
    if y.size != count:
        raise DataError(f"has {y.size} labels for {count} items", where=where, allowed="one label per item")
    y = y.reshape(-1)
    if y.dtype.kind == "f" and not (np.isfinite(y) & (y == np.floor(y))).all():
        bad = y[~(np.isfinite(y) & (y == np.floor(y)))]
        raise DataError(
            f"labels are no whole numbers ({_shown(bad)})",
            where=where,
            allowed=WHOLE,
            hint='number the classes; values to predict need task = "regression" in [data]',
        )
    if int(y.min()) < 0 or int(y.max()) >= MOST:
        raise DataError(
            f"labels go from {_plain(y.min())} to {_plain(y.max())}",
            where=where,
            allowed=f"{WHOLE}, at most {MOST:,} classes",
            hint="number the classes: np.unique(y, return_inverse=True)[1]",
        )
    labels: Labels = y.astype(np.int64)
    return labels


def class_names(
    given: int | Sequence[str] | None, found: Sequence[str], train_y: Labels, where: str
) -> tuple[str, ...]:
    """Return the names of the classes: what the flow gives, what the reader found, or numbers up to the largest label.

    Args:
        given: ``classes`` in ``[data]``.
        found: by the reader; empty where it knows none.
        train_y: labels of the training data, validation included.
        where: for messages.

    Raises:
        DataError: when there are fewer than two, labels beyond them, or, where nobody says how many there are, a
            number between 0 and the largest that no training item has.
    """
    import numpy as np

    highest = int(train_y.max())
    if given is not None:
        names = tuple(map(str, range(given))) if isinstance(given, int) else tuple(given)
        if len(set(names)) < len(names):
            raise DataError("has a name twice", where=f"{where}, option 'classes'", allowed="one name per class")
        if found:
            names = _known(given, names, found, where)
    elif found:
        names = tuple(found)
    else:
        names = tuple(map(str, range(highest + 1)))
        absent = np.setdiff1d(np.arange(highest + 1), train_y)
        if absent.size:
            raise DataError(
                f"no training label is {_shown(absent)}, but some are {highest}",
                where=where,
                allowed="every class from 0 to the largest",
                hint=_close_gaps(train_y, absent),
            )
    if len(names) < 2:
        raise DataError(
            f"has {len(names)} class{'' if len(names) == 1 else 'es'}", where=where, allowed="at least two classes"
        )
    if highest >= len(names):
        raise DataError(f"a training label is {highest}", where=where, allowed=f"0 to {len(names) - 1}")
    return names


def _known(given: int | Sequence[str], names: tuple[str, ...], found: Sequence[str], where: str) -> tuple[str, ...]:
    """Compare what the flow says with what the reader found: the same number, or the same names in any order."""
    if len(names) != len(found) or (not isinstance(given, int) and set(names) != set(found)):
        raise DataError(
            f"is {given if isinstance(given, int) else ', '.join(names)}",
            where=f"{where}, option 'classes'",
            allowed=f"{len(found)}, or in any order {', '.join(found)}",
        )
    return tuple(found) if isinstance(given, int) else names


def check_test_labels(train_y: Labels, test_y: Labels, names: Sequence[str], where: str) -> None:
    """Refuse a class that only the test data have: nothing can learn it.

    Raises:
        DataError: naming it.
    """
    import numpy as np

    only = np.setdiff1d(test_y, train_y)
    if only.size:
        labels = [f"{label} ({names[label]!r})" if label < len(names) else str(label) for label in only[:SHOWN]]
        raise DataError(
            f"test: class {', '.join(labels)} is in no training item",
            where=where,
            allowed="classes of the training data",
            hint="divide the data anew, or leave these test items out",
        )


def _close_gaps(y: Labels, absent: Labels) -> str:
    fewest = int(y.min())
    if fewest and absent.size == fewest:
        return f"count from 0: y - {fewest}; or say classes = N in [data] where classes may be absent"
    return (
        "number them anew: np.unique(y, return_inverse=True)[1]; or say classes = N in [data] where classes may be "
        "absent"
    )


def _plain(value: Any) -> str:
    return f"{int(value):,}" if abs(int(value)) < 10**19 else f"{float(value):g}"


def _shown(values: Any) -> str:
    import numpy as np

    flat = np.unique(np.asarray(values).reshape(-1))
    listed = ", ".join(str(value) for value in flat[:SHOWN].tolist())
    return f"{listed}, ..." if flat.size > SHOWN else listed
