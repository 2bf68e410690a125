# SPDX-License-Identifier: Apache-2.0
"""Small files that would become large, and files that never end: one message, quickly, in little memory."""

from __future__ import annotations

import functools
import gzip
import io
import os
import subprocess
import sys
import textwrap
import zipfile
import zlib

import numpy as np
import pytest

from drawplate.data import safe
from drawplate.data.npy import read_npy, read_npz
from drawplate.errors import DataError

from .conftest import IDX, Images, idx_bytes, load


def header(shape, kind="|u1", version=(1, 0)):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    data = bytearray(stream.getvalue())
    data[6:8] = version
    return bytes(data)


def entry(path, data, name="x_train.npy", method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, data)
    return path


@functools.cache
def zeros_bomb():
    """300 megabytes of zeros in a third of one."""
    path, count = io.BytesIO(), 300_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x_train.npy", "w") as stream:
        stream.write(header((count,)))
        for _ in range(10):
            stream.write(bytes(count // 10))
    return path.getvalue()


MADE = {
    "a lie about the shape": lambda path: entry(path, header((10**13,)) + bytes(100)),
    "a lie about the type": lambda path: entry(path, header((100,), "<f8") + bytes(100)),
    "a negative shape": lambda path: entry(path, header((-5,)) + bytes(100)),
    "an unknown version": lambda path: entry(path, header((100,), version=(3, 0)) + bytes(100)),
    "too short": lambda path: entry(path, header((100,)) + bytes(99)),
    "too long": lambda path: entry(path, header((100,)) + bytes(101)),
    "no array": lambda path: entry(path, b"hello, world"),
    "no header": lambda path: entry(path, header((100,))[:20]),
    "a header of code": lambda path: entry(path, header((1,)).replace(b"{'descr'", b"__import__")),
    "a deep header": lambda path: entry(path, b"\x93NUMPY\x01\x00" + (5000).to_bytes(2, "little") + b"(" * 5000),
    "LZMA": lambda path: entry(path, header((100,)) + bytes(100), method=zipfile.ZIP_LZMA),
    "no archive": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)),
    "objects": lambda path: np.savez(path, x_train=np.array([{}], object)),
    "a bomb": lambda path: path.write_bytes(zeros_bomb()),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_an_archive_that_is_not_what_it_says_is_refused(make, tmp_path):
    path = tmp_path / "own.npz"
    make(path)
    with pytest.raises(DataError, match=r"own\.npz"):
        read_npz(path)
    with pytest.raises(DataError, match=r"data npz, .*own\.npz"):
        load(name="npz", path=path)


def test_the_checksum_of_an_entry_is_compared(tmp_path):
    path = tmp_path / "own.npz"
    np.savez(path, x_train=np.arange(1000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="is damaged"):
        read_npz(path)


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_back_as_they_were(order, tmp_path):
    arrays = {
        "a": np.asarray(np.random.default_rng(0).normal(size=(3, 4, 5)), order=order),
        "b": np.arange(7, dtype=">i4"),
        "c": np.zeros((0, 3), np.uint8),
        "d": np.float32(3),
        "e": np.array(["ab", "c"]),
    }
    np.savez_compressed(tmp_path / "z.npz", **arrays)
    np.savez(tmp_path / "s.npz", **arrays)
    for name in ("z.npz", "s.npz"):
        found = read_npz(tmp_path / name)
        for key, array in arrays.items():
            np.testing.assert_array_equal(found[key], array)
            assert found[key].dtype == array.dtype
    assert set(read_npz(tmp_path / "z.npz", {"a", "nothing"})) == {"a"}
    np.save(tmp_path / "a.npy", arrays["a"])
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), arrays["a"])


@pytest.mark.parametrize("name", ["npz", "folder", "mnist", "cifar10"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_never_ends_is_not_read(name, kind, tmp_path):
    path = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(DataError, match=r"regular file|not a folder|not found"):
        load(name=name, path=path)
    if name in ("mnist", "cifar10"):
        for file in (*IDX, "train.bin"):
            (tmp_path / file).symlink_to("/dev/zero")
        with pytest.raises(DataError, match="not found"):
            load(name=name, path=tmp_path)


def test_a_gzip_bomb_is_refused_by_what_it_declares(tmp_path):
    folder = Images().write_idx(tmp_path / "set", zipped=True)
    zipper = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = b"\0\0\x08\3" + (900_000).to_bytes(4, "big") + (28).to_bytes(4, "big") + (28).to_bytes(4, "big")
    (folder / f"{IDX[0]}.gz").write_bytes(zipper.compress(start + bytes(10_000_000)) + zipper.flush())
    with pytest.raises(DataError, match=r"becomes 0\.7 GB out of [\d,]+ bytes"):
        load(name="mnist", path=folder)
    # What goes on behind the declared end is never unpacked.
    data = gzip.compress(idx_bytes(np.zeros((60, 28, 28), np.uint8)) + bytes(40_000_000))
    (folder / f"{IDX[0]}.gz").write_bytes(data)
    with pytest.raises(DataError, match="declares"):
        load(name="mnist", path=folder)


def test_bombs_take_little_memory(tmp_path):
    path = tmp_path / "bomb.npz"
    path.write_bytes(zeros_bomb())
    program = textwrap.dedent(f"""
        from pathlib import Path
        from drawplate.data.npy import read_npz
        from drawplate.errors import DataError
        try:
            read_npz(Path({str(path)!r}))
        except DataError:
            status = Path("/proc/self/status").read_text()
            print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 300_000  # kilobytes


def test_room_follows_the_limits_of_the_container(tmp_path, monkeypatch):
    monkeypatch.setattr(safe, "CONTAINER", tmp_path / "memory.max")
    for text, expected in (("max", None), ("2000000000", 1_000_000_000)):
        safe.CONTAINER.write_text(text + "\n")
        assert expected is None or safe.room() == expected
    assert safe.room() < 2_000_000_000


def test_room_follows_the_limits_of_the_process():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (6 << 30, -1));"
        "from drawplate.data.safe import room; print(room())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 3 << 30
    assert safe.room() > 1 << 28
