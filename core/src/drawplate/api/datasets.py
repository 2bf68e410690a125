# SPDX-License-Identifier: Apache-2.0
"""Data sets, as steps see them, for code of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.api.arrays import keep_arrays
from drawplate.api.flows import plain
from drawplate.engine import DEFAULT_STORE, open_store

if TYPE_CHECKING:
    import os

    from drawplate.data import Dataset


def dataset(data: str | Mapping[str, Any], *, store: str | os.PathLike[str] = DEFAULT_STORE) -> Dataset:
    """Read a data set as a flow does: split, checked, with the normalisation that models are fed through.

    ``data.split("train").x`` are the items as they come, ``data.normalisation.apply`` makes of them what a model takes.

    Args:
        data: its name, or a ``[data]`` table, which may hold arrays.
        store: where arrays are kept.

    Raises:
        DataError: when they are not to be found, or damaged.
    """
    from drawplate.data import read_data_table
    from drawplate.plugins import contributions

    table = {"name": data} if isinstance(data, str) else keep_arrays(plain(data), open_store(Path(store)))
    return read_data_table(table, contributions("datasets"))
