# SPDX-License-Identifier: Apache-2.0
"""200 mutated data files: each is read, or refused by one message that names the file."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from drawplate.errors import DataError

from .conftest import IDX, Images, load

COUNT = 50


def mutated(data: bytes, random: np.random.Generator) -> bytes:
    """Cut, flip, drop, repeat or overwrite something."""
    found = bytearray(data)
    match int(random.integers(5)):
        case 0:
            del found[int(random.integers(len(found))) :]
        case 1:
            for place in random.integers(0, len(found), int(random.integers(1, 9))):
                found[place] ^= 1 << int(random.integers(8))
        case 2:
            start = int(random.integers(len(found)))
            del found[start : start + int(random.integers(1, 64))]
        case 3:
            start = int(random.integers(len(found)))
            found[start:start] = found[start : start + 64]
        case 4:
            start = int(random.integers(len(found)))
            found[start : start + 8] = random.bytes(8)
    return bytes(found)


def npz(folder, random, *, zipped):
    stream = io.BytesIO()
    y = np.arange(48) % 3
    x = random.normal(size=(48, 4, 3)).astype(np.float32)
    (np.savez_compressed if zipped else np.savez)(stream, x_train=x, y_train=y, x_test=x[:12] + 1, y_test=y[:12])
    (folder / "own.npz").write_bytes(mutated(stream.getvalue(), random))
    return {"name": "npz", "path": folder / "own.npz"}


def idx(folder, random):
    Images(seed=int(random.integers(99))).write_idx(folder, zipped=True)
    file = folder / f"{IDX[int(random.integers(4))]}.gz"
    file.write_bytes(mutated(file.read_bytes(), random))
    return {"name": "mnist", "path": folder, "val": 10}


def pictures(folder, random):
    suffix = ("png", "jpg", "gif", "bmp", "tif")[int(random.integers(5))]
    for label in ("a", "b"):
        (folder / label).mkdir()
        for i in range(3):
            image = Image.fromarray(random.integers(0, 256, (8, 8, 3), np.uint8))
            image.save(folder / label / f"{i}.{suffix}")
    file = folder / "b" / f"1.{suffix}"
    file.write_bytes(mutated(file.read_bytes(), random))
    return {"name": "folder", "path": folder}


MAKERS = {
    "npz": lambda folder, random: npz(folder, random, zipped=False),
    "compressed npz": lambda folder, random: npz(folder, random, zipped=True),
    "idx": idx,
    "pictures": pictures,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_mutated_file_is_read_or_refused_by_one_message(make, tmp_path):
    refused = 0
    for seed in range(COUNT):
        folder = tmp_path / str(seed)
        folder.mkdir()
        options = make(folder, np.random.default_rng(seed))
        try:
            data = load(**options)
        except DataError as error:
            refused += 1
            assert error.message.startswith(f"data {options['name']}, "), error.message
            assert len(error.message) < 1000
            assert "\n\n" not in error.message
        else:
            assert np.isfinite(data.normalisation.apply(data.split("train").x)).all()
    assert refused > COUNT // 4
