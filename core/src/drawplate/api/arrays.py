# SPDX-License-Identifier: Apache-2.0
"""Data that are in memory: NumPy arrays, tensors, columns of pandas and of Hugging Face data sets, lists."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from drawplate.errors import DataError
from drawplate.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

NAMES: Final = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "x", "y")


def keep_arrays(table: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """Return a ``[data]`` table whose arrays are in a file of the store; one without arrays as it is.

    Labels that are words become class numbers, their names ``classes``.

    Raises:
        DataError: when a value cannot be made an array.
    """
    given = {name: table[name] for name in NAMES if name in table}
    rest = {name: value for name, value in table.items() if name not in NAMES}
    if not given:
        return rest
    if "name" in rest or "path" in rest:
        raise DataError("has arrays and a name or a path", where="data", allowed="one of them")
    arrays = {name: as_array(value, f"data, {name}") for name, value in given.items()}
    classes = _number_words(arrays)
    if classes and "classes" not in rest:
        rest["classes"] = classes

    def write(folder: Path) -> None:
        import numpy as np

        np.savez(folder / "data.npz", **arrays)  # type: ignore[arg-type]

    folder = store.derived("arrays", {name: _digest(array) for name, array in arrays.items()}, write)
    return {"name": "npz", "path": short_path(folder / "data.npz"), **rest}


def as_array(value: Any, where: str) -> Array:
    """Return anything that is an array in spirit as one of NumPy's.

    Args:
        value: an array, a tensor, a data frame, a column, or a list of such, as of pictures.
        where: for messages.

    Raises:
        DataError: when its items differ in shape, or are no values.
    """
    import numpy as np

    if hasattr(value, "detach"):  # a tensor of torch
        value = value.detach().cpu().numpy()
    elif hasattr(value, "to_numpy"):  # of pandas, polars
        value = value.to_numpy()
    try:
        array = np.asarray(value)
        if array.dtype == object or not array.ndim:  # a column of pictures or of lists
            array = np.stack([np.asarray(item) for item in value])
    except (ValueError, TypeError) as error:
        raise DataError(f"is no array: {error}", where=where, allowed="items of one shape, numbers or words") from error
    if array.dtype.kind == "T" or array.dtype == object:
        array = array.astype(str)
    if array.dtype.kind not in "biufU":
        raise DataError(f"holds {array.dtype}", where=where, allowed="numbers or words")
    return array


def _number_words(arrays: dict[str, Array]) -> list[str]:
    """Put numbers in the place of labels that are words, and return the words in order."""
    import numpy as np

    worded = {name: array for name, array in arrays.items() if array.dtype.kind == "U"}
    if not worded:
        return []
    items = next((name for name in worded if name.startswith("x")), None)
    if items:
        raise DataError("holds words", where=f"data, {items}", allowed="numbers", hint="encode what is text")
    words = sorted(set(np.concatenate([array.ravel() for array in worded.values()]).tolist()))
    for name, array in worded.items():
        arrays[name] = np.searchsorted(words, array).astype(np.int64)
    return words


def _digest(array: Array) -> str:
    import numpy as np

    head = f"{array.dtype.str} {array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def short_path(path: Path) -> str:
    """Return a path relative to the working folder where it lies within: a run's id does not depend on the rest."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
