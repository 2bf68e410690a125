# SPDX-License-Identifier: Apache-2.0
"""A user's own pictures: a folder with one subfolder per class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.data.arrays import every_sixth
from drawplate.data.model import DatasetReader, Raw
from drawplate.data.pictures import SUFFIXES, Gallery
from drawplate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEFT_BEHIND = frozenset({"__MACOSX", "__pycache__", "@eaDir", "$RECYCLE.BIN", "System Volume Information"})
"""Folders that other programs leave; so are those whose name begins with a dot."""
VALIDATION = ("val", "valid", "validation")

Files = Mapping[str, Sequence[Path]]
"""Pictures by class."""


def folder() -> DatasetReader:
    """``train/CLASS/*.png`` and ``test/CLASS/*.png``; without them every sixth picture is a test picture."""
    return DatasetReader(
        name="folder", summary="your own pictures, one folder per class", find=_find, read=_read, given=True
    )


def _find(given: Path | None) -> Path:
    if given is None or not given.is_dir():
        raise DataError(
            "is not a folder" if given else "has no path", where=str(given or ""), hint="set path in [data]"
        )
    return given


def _read(path: Path) -> Raw:
    import numpy as np

    divided = (path / "train").is_dir() and (path / "test").is_dir()
    root = path / "train" if divided else path
    notes: list[str] = []
    train = _listed(root, notes)
    if len(train) < 2:
        raise DataError(
            f"has {len(train)} folder{'' if len(train) == 1 else 's'} with pictures ({', '.join(train) or 'none'})",
            where=str(root),
            allowed="at least 2, one per class",
            hint=f"pictures are {', '.join(sorted(SUFFIXES))}",
        )
    classes, gallery = tuple(train), Gallery()
    if not divided:
        x, y = _pictures({"": train}, classes, gallery)[""]
        learnt, test = every_sixth(len(x))
        notes.append("every sixth picture, drawn at random, is a test picture: there is no folder test")
        notes += gallery.notes
        return _raw((x[learnt], y[learnt]), (x[test], y[test]), 0, classes, notes)
    held_out = next((path / name for name in VALIDATION if (path / name).is_dir()), None)
    parts = {"train": train, "test": _only(path / "test", classes, notes)}
    if held_out:
        parts["val"] = _only(held_out, classes, notes)
    found = _pictures(parts, classes, gallery)
    notes += gallery.notes
    if not held_out:
        return _raw(found["train"], found["test"], 0, classes, notes)
    both = tuple(np.concatenate(pair) for pair in zip(found["train"], found["val"], strict=True))
    return _raw(both, found["test"], len(found["val"][0]), classes, notes)


def _raw(train: tuple[Any, ...], test: tuple[Any, ...], held_out: int, classes: Any, notes: list[str]) -> Raw:
    return Raw(
        train_x=train[0],
        train_y=train[1],
        test_x=test[0],
        test_y=test[1],
        classes=classes,
        validation=held_out,
        notes=tuple(notes),
    )


def _listed(root: Path, notes: list[str]) -> Files:
    """Return the pictures by class; a folder without any is no class."""
    found: dict[str, Sequence[Path]] = {}
    for entry in sorted(root.iterdir()):
        if not entry.is_dir() or entry.name.startswith(".") or entry.name in LEFT_BEHIND:
            continue
        files = [file for file in sorted(entry.iterdir()) if not file.name.startswith(".") and not file.is_dir()]
        pictures = [file for file in files if file.suffix.lower() in SUFFIXES]
        if pictures:
            found[entry.name] = pictures
            if len(files) > len(pictures):
                notes.append(f"{len(files) - len(pictures):,} files of {entry.name} are no pictures and left out")
        else:
            notes.append(f"folder {entry.name} has no pictures: it is no class")
    return found


def _only(root: Path, classes: Sequence[str], notes: list[str]) -> Files:
    """List a part of the data that may have no class of its own."""
    found = _listed(root, notes)
    new = [name for name in found if name not in classes]
    if new:
        raise DataError(
            f"has class {', '.join(new)}, which no training picture has",
            where=str(root),
            allowed=f"the folders of train: {', '.join(classes)}",
        )
    if not found:
        raise DataError("has no pictures", where=str(root), allowed="one folder per class")
    return found


def _pictures(
    parts: Mapping[str, Files], classes: Sequence[str], gallery: Gallery
) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Read all parts as one, so that they are alike: (N, C, H, W) and the numbers of their classes."""
    import numpy as np

    listed = [(part, label, file) for part, files in parts.items() for label in files for file in files[label]]
    images = list(gallery.read([file for _, _, file in listed]))
    if any(image.ndim != images[0].ndim for image in images):  # grey ones among coloured ones
        images = [image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2) for image in images]
    x = np.stack(images)
    del images
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2) if x.ndim == 4 else x[:, None])
    names, labels = (
        np.array(column) for column in zip(*((part, classes.index(c)) for part, c, _ in listed), strict=True)
    )
    return {part: (x[names == part], labels[names == part].astype(np.int64)) for part in parts}
