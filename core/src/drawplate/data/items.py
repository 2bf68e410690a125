# SPDX-License-Identifier: Apache-2.0
"""What is fed to a model, in any shape and of any real type: taken as it is, or refused by one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = ("uint8", "uint16", "int8", "int16", "int32", "float16", "float32", "float64")
"""Types that stay as they are given; wider or other integers become the smallest signed one that holds them."""
CHANNELS = (1, 3, 4)
"""Lengths of an axis that is taken for channels."""
CHUNK = 1 << 22
"""Values that are looked at at once."""


def is_number(text: str) -> bool:
    """Say whether a word is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def real_values(x: Any, where: str, at: NDArray[Any] | None = None) -> NDArray[Any]:
    """Bring an array to one of the types that are kept, in this machine's byte order.

    Args:
        x: the array.
        where: what it is, for messages.
        at: where its items stand in the file, if elsewhere than here.

    Raises:
        DataError: for what is no array of real, finite numbers, with one axis for the items and at least one item.
    """
    import numpy as np

    x = np.asarray(x)
    if x.dtype.kind not in "biuf":
        kind = {"U": "text", "S": "text", "O": "objects", "c": "complex numbers", "V": "records"}.get(x.dtype.kind)
        raise DataError(f"holds {kind or x.dtype}", where=where, allowed="real numbers", hint="save it as numbers")
    if not x.ndim or not x.size:
        raise DataError(f"has shape {x.shape}, so no items", where=where, allowed="(N, ...), one item per entry")
    x = x.astype(x.dtype.newbyteorder("="), copy=False)
    if x.dtype.kind == "f":
        return _finite(x if x.dtype.itemsize <= 8 else x.astype(np.float64), where, at)
    return x if x.dtype.name in KEPT else _narrowed(x, where)


def alike(train: NDArray[Any], test: NDArray[Any], where: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give training and test items one type: integers that were narrowed differently the wider of the two.

    Raises:
        DataError: when one is bytes or floats and the other is not, or their shapes differ.
    """
    import numpy as np

    if train.shape[1:] != test.shape[1:]:
        raise DataError(
            f"training items are {list(train.shape[1:])}, test items {list(test.shape[1:])}",
            where=where,
            allowed="one shape",
        )
    if train.dtype == test.dtype:
        return train, test
    if "uint8" in (train.dtype, test.dtype) or train.dtype.kind != test.dtype.kind:
        raise DataError(f"training items are {train.dtype}, test items {test.dtype}", where=where, allowed="one type")
    kind = np.result_type(train, test)
    return train.astype(kind, copy=False), test.astype(kind, copy=False)


def _narrowed(x: NDArray[Any], where: str) -> NDArray[Any]:
    import numpy as np

    low, high = int(x.min()), int(x.max())
    for name in ("int8", "int16", "int32"):
        if np.iinfo(name).min <= low and high <= np.iinfo(name).max:
            return x.astype(name)
    raise DataError(
        f"holds integers from {low} to {high}", where=where, allowed="32-bit integers", hint="save them as floats"
    )


def _finite(x: NDArray[Any], where: str, at: NDArray[Any] | None) -> NDArray[Any]:
    import numpy as np

    rows = max(1, CHUNK // max(1, x[0].size))
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        with np.errstate(over="ignore"):
            good = np.isfinite(part.astype(np.float32, copy=False))
        if not good.all():
            item, *place = (int(index) for index in np.argwhere(~good)[0])
            value = part[(item, *place)]
            within = f" at {place if len(place) > 1 else place[0]}" if place else ""
            raise DataError(
                f"item {start + item if at is None else at[start + item]} holds {value}{within}",
                where=where,
                allowed="finite numbers of float32",
                hint="leave such items out, or fill their gaps",
            )
    return x


def pictures_first(x: NDArray[Any]) -> NDArray[Any]:
    """Bring channels to the front: (N, H, W, C) becomes (N, C, H, W), and bytes (N, H, W) become (N, 1, H, W).

    Only four axes are looked at; the last is taken for channels where it has 1, 3 or 4 entries and the second has not.
    """
    import numpy as np

    if x.ndim == 3 and x.dtype == np.uint8:
        return np.ascontiguousarray(x[:, None])
    last = x.ndim == 4 and x.shape[-1] in CHANNELS and x.shape[1] not in CHANNELS
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2) if last else x)


def shaped(x: NDArray[Any], shape: tuple[int, ...] | None, where: str, *, own: bool) -> NDArray[Any]:
    """Give every item a shape; without one, an item that is a single number becomes a vector of one.

    Args:
        x: shape (N, ...).
        shape: as the flow says.
        where: for messages.
        own: whether nobody has looked where the channels are.

    Raises:
        DataError: when it has not as many values.
    """
    pictures = pictures_first(x) if own else x
    if shape is None:
        return pictures if x.ndim > 1 else x[:, None]
    if pictures.shape[1:] == tuple(shape):
        return pictures
    if not shape:
        raise DataError("is empty", where=f"{where}, option 'shape'", allowed="at least one number")
    try:
        return x.reshape(len(x), *shape)
    except (ValueError, OverflowError) as error:
        raise DataError(
            f"items are {list(x.shape[1:])}", where=where, allowed=f"as many values as shape = {list(shape)} has"
        ) from error
