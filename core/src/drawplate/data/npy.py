# SPDX-License-Identifier: Apache-2.0
"""NumPy's files, read with care: declared sizes are checked before anything is unpacked, objects are refused."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from drawplate.data.safe import check_room, file_size
from drawplate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""What NumPy writes."""


def read_npz(path: Path, wanted: Collection[str] | None = None) -> dict[str, Array]:
    """Read arrays of an .npz file: those that are wanted and there, or all.

    Raises:
        DataError: when it is damaged, too large, holds pickled objects, or is no .npz file.
    """
    file_size(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            names = {info.filename.removesuffix(".npy"): info for info in entries}
            if wanted is not None:
                names = {name: info for name, info in names.items() if name in wanted}
            check_room(sum(info.file_size for info in names.values()), str(path))
            return {name: _entry(archive, info, f"{path}, array {name}") for name, info in names.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:  # RuntimeError: encrypted
        raise DataError(f"is damaged, or no .npz file: {error}", where=str(path)) from error


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> Array:
    if info.compress_type not in METHODS:
        raise DataError("is compressed in an unknown way", where=where, hint="save it with np.savez")
    check_room(info.file_size, where, info.compress_size if info.compress_type else None)
    with archive.open(info) as stream:
        return _array(stream, info.file_size, where)


def read_npy(path: Path) -> Array:
    """Read an .npy file.

    Raises:
        DataError: when it is damaged, too large, or holds pickled objects.
    """
    size = file_size(path)
    with path.open("rb") as stream:
        return _array(stream, size, str(path))


def _array(stream: IO[bytes], size: int, where: str) -> Array:
    import numpy as np

    shape, fortran, dtype = _header(stream, where)
    if dtype.hasobject:
        raise DataError("holds Python objects, which are not read", where=where, hint="save it as numbers")
    count = math.prod(shape)
    if any(length < 0 for length in shape) or stream.tell() + count * dtype.itemsize != size:
        raise DataError(f"is damaged: declares {dtype} {shape}, has {size:,} bytes", where=where)
    data = np.empty(count * dtype.itemsize, np.uint8)
    left = data
    while len(left):
        read = stream.read(min(len(left), 1 << 20))
        if not read:
            raise DataError("is damaged: it ends too early", where=where)
        left[: len(read)] = np.frombuffer(read, np.uint8)
        left = left[len(read) :]
    stream.read(1)  # the end of an archive's entry is where its checksum is compared
    return data.view(dtype).reshape(shape, order="F" if fortran else "C") if count else np.empty(shape, dtype)


def _header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, Any]:
    from numpy.lib import format as npy

    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        found: tuple[tuple[int, ...], bool, Any] = readers[npy.read_magic(stream)](stream)
    except Exception as error:  # the header is read by Python's own parser, which raises many things
        raise DataError(f"is damaged, or no array of numbers: {error}", where=where) from error
    return found
