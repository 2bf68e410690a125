# SPDX-License-Identifier: Apache-2.0
"""The file formats of image data sets."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import pickle
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from drawplate.data.find import cache_folder
from drawplate.data.items import pictures_first
from drawplate.data.safe import check_room, file_size
from drawplate.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.uint8]


def read_idx(path: Path) -> Array:
    """Read an IDX file of bytes, plain or gzipped (format: yann.lecun.com/exdb/mnist)."""
    import numpy as np

    packed = file_size(path)
    zipped = path.suffix == ".gz"
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            start = file.read(4)
            if len(start) < 4 or start[:3] != b"\0\0\x08":
                raise DataError("is not an IDX file of bytes", where=str(path))
            sizes = file.read(4 * start[3])
            shape = tuple(int.from_bytes(sizes[4 * i : 4 * i + 4], "big") for i in range(start[3]))
            count = math.prod(shape)
            check_room(count, str(path), packed if zipped else None)
            data = file.read(count + 1)  # one more, to see that there is no more
    except (EOFError, zlib.error, OSError) as error:
        raise DataError(f"is damaged: {error}", where=str(path)) from error
    if len(data) != count or len(sizes) != 4 * start[3]:
        raise DataError(f"is damaged: declares {shape}, and holds {len(data):,} bytes or more", where=str(path))
    return np.frombuffer(data, np.uint8).reshape(shape)


def read_cifar_binary(paths: list[Path], label_bytes: int) -> tuple[Array, Array]:
    """Read CIFAR's binary version: the last label byte, then 3 x 32 x 32 pixels (format: cs.toronto.edu/~kriz)."""
    import numpy as np

    row = label_bytes + 3072
    check_room(sum(map(file_size, paths)), str(paths[0].parent))
    data = np.concatenate([np.fromfile(path, np.uint8) for path in paths])
    if not len(data) or len(data) % row:
        raise DataError(f"is damaged: {len(data)} bytes, not a multiple of {row}", where=str(paths[0].parent))
    rows = data.reshape(-1, row)
    return np.ascontiguousarray(rows[:, label_bytes:]).reshape(-1, 3, 32, 32), rows[:, label_bytes - 1].copy()


class _NumpyOnly(pickle.Unpickler):
    """An unpickler that makes arrays and plain values, and calls nothing else."""

    ALLOWED = frozenset(
        {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("_codecs", "encode"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise DataError(f"wants to call {module}.{name}: this is no CIFAR file", hint="do not trust its source")
        if module == "_codecs":
            return super().find_class(module, name)
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_cifar_pickle(file: IO[bytes]) -> dict[bytes, Any]:
    """Read one batch of CIFAR's Python version; nothing in it is executed."""
    found = _NumpyOnly(file, encoding="bytes").load()
    if not isinstance(found, dict) or b"data" not in found:
        raise DataError("is not a CIFAR batch")
    return found


def channels_first(x: Any) -> Array:
    """Bring images to uint8 (N, C, H, W): a missing channel is added, a last one moved.

    Raises:
        DataError: when the array is no set of uint8 images.
    """
    import numpy as np

    if x.dtype != np.uint8 or x.ndim not in (3, 4):
        raise DataError(f"images are {x.dtype} {x.shape}", allowed="uint8, (N, H, W), (N, H, W, C) or (N, C, H, W)")
    return pictures_first(x)


def read_tile_sheet(path: Path, tile: int = 32) -> Array:
    """Read one large picture that holds images as square tiles, row by row.  Decoded once, then memory-mapped."""
    import numpy as np

    file_size(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    decoded = cache_folder() / "decoded" / f"{digest}.npy"
    if not decoded.exists():
        from drawplate.store.atomic import write_bytes

        buffer = io.BytesIO()
        np.save(buffer, _decode_tiles(path, tile))
        write_bytes(decoded, buffer.getvalue())
    images: Array = np.load(decoded, mmap_mode="c")  # torch warns of what it may not write; the file is never written
    return images


def _decode_tiles(path: Path, tile: int) -> Array:
    import numpy as np
    from PIL import Image

    with Image.open(path, formats=["JPEG", "PNG"]) as image:
        if image.width % tile or image.height % tile or image.width * image.height > 10**9:
            raise DataError(f"is {image.width} x {image.height}", where=str(path), allowed=f"whole tiles of {tile}")
        pixels = np.asarray(image.convert("RGB"))
    rows, columns = pixels.shape[0] // tile, pixels.shape[1] // tile
    tiles = pixels.reshape(rows, tile, columns, tile, 3).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(tiles.reshape(-1, 3, tile, tile))
