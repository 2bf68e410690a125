# SPDX-License-Identifier: Apache-2.0
"""Pictures are read as a viewer shows them, in their own range; what is none is named."""

from __future__ import annotations

import os
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from drawplate.errors import DataError

from .conftest import load

R = np.random.default_rng(0)


def grey(kind="uint8", size=(8, 8)):
    top = {"uint8": 256, "uint16": 65536, "int32": 2**31 - 1, "float32": 1}[kind]
    return (R.random(size) * top).astype(kind)


def fill(folder, make, classes=("a", "b"), count=7, suffix="png", **saved):
    """Save pictures that ``make(label, i)`` gives, as Pillow pictures or arrays."""
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            made = make(label, i)
            image = made if isinstance(made, Image.Image) else Image.fromarray(made)
            image.save(folder / name / f"{i}.{suffix}", **saved)
    return folder


def pixels(data):
    """All pictures by their class, sorted."""
    x = np.concatenate([split.x for split in data.splits.values()])
    y = np.concatenate([split.y for split in data.splits.values()])
    return {name: x[y == label] for label, name in enumerate(data.classes)}


def test_exif_orientation_is_applied(tmp_path):
    upright = np.zeros((8, 6, 3), np.uint8)
    upright[:4] = 255
    for orientation, turn in (
        (1, lambda a: a),
        (3, lambda a: a[::-1, ::-1]),
        (6, np.rot90),
        (8, lambda a: np.rot90(a, 3)),
    ):
        folder = tmp_path / f"turned-{orientation}"
        exif = Image.Exif()
        exif[0x0112] = orientation
        fill(folder, lambda _label, _i, turn=turn: np.ascontiguousarray(turn(upright)), exif=exif)
        data = load(name="folder", path=folder)
        assert data.shape == (3, 8, 6)
        np.testing.assert_array_equal(data.split("train").x[0], upright.transpose(2, 0, 1))


def test_hidden_and_empty_folders_are_no_classes(tmp_path):
    fill(tmp_path, lambda label, _i: np.full((4, 4), 80 * label, np.uint8), classes=("a", "b", "c"))
    for name in (".ipynb_checkpoints", "__MACOSX", "empty", ".git"):
        (tmp_path / name).mkdir()
    Image.fromarray(grey(size=(4, 4))).save(tmp_path / ".ipynb_checkpoints" / "0.png")
    (tmp_path / "a" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "a" / "._0.png").write_bytes(b"AppleDouble")
    (tmp_path / "a" / "notes.txt").write_text("x")
    (tmp_path / "a" / "more").mkdir()
    data = load(name="folder", path=tmp_path)
    assert data.classes == ("a", "b", "c")
    assert sum(map(len, data.splits.values())) == 21
    assert "folder empty has no pictures: it is no class" in data.notes
    assert "1 files of a are no pictures and left out" in data.notes
    assert not any("MACOSX" in note or "ipynb" in note for note in data.notes)


def test_one_class_is_refused_with_what_was_found(tmp_path):
    fill(tmp_path, lambda _label, _i: grey(), classes=("only",))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"has 1 folder with pictures \(only\)"):
        load(name="folder", path=tmp_path)


@pytest.mark.parametrize(
    ("kind", "suffix"), [("uint8", "png"), ("uint16", "png"), ("uint16", "tif"), ("int32", "tif"), ("float32", "tif")]
)
def test_grey_pictures_keep_their_range(kind, suffix, tmp_path):
    made = []

    def make(_label, _i):
        made.append(grey(kind))
        return made[-1]

    data = load(name="folder", path=fill(tmp_path, make, suffix=suffix))
    assert data.shape == (1, 8, 8)
    found = {picture.tobytes() for picture in np.concatenate(list(pixels(data).values()))}
    assert found == {picture.tobytes() for picture in made}
    assert data.split("train").x.dtype == kind
    scale = {"uint8": 255, "uint16": 65535, "float32": 1}
    if kind in scale:
        assert data.normalisation.scale == scale[kind]
    assert data.normalisation.fed[1] <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr"])
def test_every_mode_is_read_as_a_viewer_shows_it(mode, tmp_path):
    suffix = "tif" if mode in ("CMYK", "YCbCr") else "png"
    wanted = {"1": "L", "L": "L", "LA": "L"}.get(mode, "RGB")
    made = Image.fromarray(R.integers(0, 2, (8, 8, 3), np.uint8) * 255).convert(mode)
    data = load(name="folder", path=fill(tmp_path, lambda _label, _i: made, suffix=suffix))
    with Image.open(tmp_path / "a" / f"0.{suffix}") as image:
        shown = np.asarray(image.convert(wanted))
    expected = shown[None] if shown.ndim == 2 else shown.transpose(2, 0, 1)
    np.testing.assert_array_equal(data.split("train").x[0], expected)
    assert not any("transparent" in note for note in data.notes)


def test_what_is_transparent_lies_on_white(tmp_path):
    half = np.zeros((4, 4, 4), np.uint8)
    half[:2, :, 3] = 255
    data = load(name="folder", path=fill(tmp_path, lambda _label, _i: half))
    np.testing.assert_array_equal(
        data.split("train").x[0], np.repeat([[0] * 4] * 2 + [[255] * 4] * 2, 3).reshape(4, 4, 3).transpose(2, 0, 1)
    )
    assert "14 pictures are partly transparent, laid on white" in data.notes


def test_a_palette_with_a_transparent_colour_lies_on_white(tmp_path):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 10, 20])
    image.putpixel((0, 0), 0)
    data = load(name="folder", path=fill(tmp_path, lambda _label, _i: image, transparency=0))
    assert data.split("train").x[0, :, 0, 0].tolist() == [255, 255, 255]
    assert data.split("train").x[0, :, 1, 1].tolist() == [200, 10, 20]


def test_grey_pictures_among_coloured_ones_become_coloured(tmp_path):
    data = load(name="folder", path=fill(tmp_path, lambda label, _i: grey() if label else np.dstack([grey()] * 3)))
    assert data.shape == (3, 8, 8)


def test_frames_and_colours_that_are_not_read_are_said(tmp_path):
    frames = [Image.fromarray(grey()) for _ in range(3)]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(3):
            frames[0].save(tmp_path / name / f"{i}.gif", save_all=True, append_images=frames[1:])
            (tmp_path / name / f"{i}.png").write_bytes(_png(8, 8, bits=16, colour=2))
    notes = load(name="folder", path=tmp_path).notes
    assert "6 pictures are animated or of several pages, of which the first is taken" in notes
    assert "6 pictures are of more than 8 bits per colour, of which the upper 8 are read" in notes


def test_pictures_of_another_size_or_type_are_named(tmp_path):
    fill(tmp_path, lambda label, i: grey(size=(8, 9) if (label, i) == (1, 3) else (8, 8)))
    with pytest.raises(DataError, match=r"b/3.png: is \(8, 9\), but .*a/0.png is \(8, 8\)"):
        load(name="folder", path=tmp_path)
    fill(tmp_path, lambda label, i: grey("uint16" if (label, i) == (1, 3) else "uint8"))
    with pytest.raises(DataError, match=r"b/3.png: is uint16, but .*a/0.png is uint8"):
        load(name="folder", path=tmp_path)


def test_a_part_for_validation_and_a_class_of_the_test_part_alone(tmp_path):
    for part, count in (("train", 6), ("val", 2), ("test", 3)):
        fill(tmp_path / part, lambda label, _i: np.full((4, 4), 80 * label, np.uint8), count=count)
    data = load(name="folder", path=tmp_path)
    assert [len(data.split(name)) for name in ("train", "val", "test")] == [12, 4, 6]
    for split in data.splits.values():
        np.testing.assert_array_equal(split.x[:, 0, 0, 0], 80 * split.y)
    fill(tmp_path / "test", lambda _label, _i: grey(size=(4, 4)), classes=("new",))
    with pytest.raises(DataError, match="has class new, which no training picture has"):
        load(name="folder", path=tmp_path)


# damaged and hostile files --------------------------------------------------------------------------------------------


def _png(width, height, bits=8, colour=0, data=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = data or zlib.compress(bytes((1 + width * bits // 8 * (3 if colour == 2 else 1)) * min(height, 64)))
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:60]),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no picture"),
    "postscript": lambda path: path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n"),
    "damaged pixels": lambda path: path.write_bytes(_png(8, 8, data=b"\x78\x9c not zlib")),
    "a bomb": lambda path: path.write_bytes(_png(60_000, 60_000)),
    "half a bomb": lambda path: path.write_bytes(_png(11_000, 11_000)),
    "a pipe": pipe,
    "a device": device,
    "a broken link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_picture_that_is_none_is_named(damage, tmp_path):
    fill(tmp_path, lambda _label, _i: grey())
    damage(tmp_path / "b" / "3.png")
    start = time.monotonic()
    with pytest.raises(DataError, match=r"data folder, .*b/3\.png: ") as caught:
        load(name="folder", path=tmp_path)
    assert time.monotonic() - start < 20
    assert "\n\n" not in caught.value.message


def test_more_pictures_than_memory_has_room_for_are_refused_after_the_first(tmp_path, monkeypatch):
    from drawplate.data import safe

    fill(tmp_path, lambda _label, _i: grey())
    monkeypatch.setattr(safe, "room", lambda: 800)
    with pytest.raises(DataError, match=r"14 pictures like .*too much for this machine"):
        load(name="folder", path=tmp_path)
