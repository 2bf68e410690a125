# SPDX-License-Identifier: Apache-2.0
"""Digits, MNIST and Fashion-MNIST."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from attrs import evolve

from drawplate.data.download import RemoteFile
from drawplate.data.find import first_with, has
from drawplate.data.formats import channels_first, read_idx
from drawplate.data.model import DatasetReader, Raw
from drawplate.data.npy import read_npz

NUMERALS = tuple("0123456789")
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
IDX_DOTTED = tuple(name.replace("-idx", ".idx") for name in IDX)
# In the order of IDX, of the gzipped files: torchvision, prototype/datasets/_builtin/mnist.py.
MNIST_SHA256 = (
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)
FASHION_MNIST_SHA256 = (
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
)
DEBIAN = (
    Path("/usr/share/datasets/fashion-mnist"),
    Path("/usr/share/dataset-fashion-mnist"),
    Path("/usr/share/datasets"),
)


def digits() -> DatasetReader:
    """Scikit-learn's 1,797 digits of 8 x 8 pixels (UCI optdigits test set): embedded, always there."""
    return DatasetReader(
        name="digits",
        summary="scikit-learn's 8x8 handwritten digits; needs no file",
        find=lambda _given: Path("scikit-learn"),
        read=_read_digits,
        validation=250,
    )


def _read_digits(_found: Path) -> Raw:
    import numpy as np
    from sklearn.datasets import load_digits

    bunch = load_digits()
    # 16 grey levels; 15.9375 = 255 / 16 keeps the ends at 0 and 255.
    x = np.rint(bunch.images * 15.9375).astype(np.uint8)[:, None]
    y = bunch.target.astype(np.int64)
    order = np.random.default_rng(0).permutation(len(x))  # the file is sorted by writer
    x, y = x[order], y[order]
    return Raw(train_x=x[:1437], train_y=y[:1437], test_x=x[1437:], test_y=y[1437:], classes=NUMERALS)


def mnist() -> DatasetReader:
    """MNIST (LeCun et al. 1998), split 50,000 / 10,000 / 10,000."""
    reader = _idx_reader("mnist", "MNIST, 28x28 handwritten digits", NUMERALS, "mnist.npz", ())
    return evolve(reader, remote=_remote("https://ossci-datasets.s3.amazonaws.com/mnist", MNIST_SHA256))


def fashion_mnist() -> DatasetReader:
    """Fashion-MNIST (Zalando, arXiv 1708.07747), split 50,000 / 10,000 / 10,000."""
    reader = _idx_reader("fashion-mnist", "Fashion-MNIST, 28x28 clothes", CLOTHES, "fashion_mnist.npz", DEBIAN)
    return evolve(
        reader, remote=_remote("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com", FASHION_MNIST_SHA256)
    )


def _remote(folder: str, hashes: tuple[str, ...]) -> tuple[RemoteFile, ...]:
    return tuple(RemoteFile(url=f"{folder}/{file}.gz", sha256=sha256) for file, sha256 in zip(IDX, hashes, strict=True))


def _idx_reader(name: str, summary: str, classes: tuple[str, ...], npz: str, extra: tuple[Path, ...]) -> DatasetReader:
    gzipped = tuple(f"{file}.gz" for file in IDX)
    layouts = [gzipped, IDX, tuple(f"{file}.gz" for file in IDX_DOTTED), IDX_DOTTED, (npz,)]

    def find(given: Path | None) -> Path:
        return first_with(name, given, layouts, extra)

    read: Callable[[Path], Raw] = partial(_read_layout, layouts=layouts, classes=classes)
    return DatasetReader(name=name, summary=summary, find=find, read=read, validation=10_000)


def _read_layout(folder: Path, layouts: list[tuple[str, ...]], classes: tuple[str, ...]) -> Raw:
    import numpy as np

    layout = next(files for files in layouts if has(folder, files))
    if len(layout) == 1:
        arrays = read_npz(folder / layout[0])
        parts = [arrays[key] for key in ("x_train", "y_train", "x_test", "y_test")]
    else:
        parts = [read_idx(folder / file) for file in layout]
    return Raw(
        train_x=channels_first(parts[0]),
        train_y=parts[1].astype(np.int64),
        test_x=channels_first(parts[2]),
        test_y=parts[3].astype(np.int64),
        classes=classes,
    )
