# SPDX-License-Identifier: Apache-2.0
"""Two tables of measurements that come with scikit-learn: numbers to predict, and two classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drawplate.data.model import DatasetReader, Raw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEST = 5
"""Every so many rows, after shuffling, are a test row."""
HUNDREDS = 100.0


def diabetes() -> DatasetReader:
    """442 patients, 10 features, and the progress of their disease (Efron et al. 2004): for regression."""
    return DatasetReader(
        name="diabetes",
        summary="scikit-learn's diabetes table, for regression; needs no file",
        find=lambda _given: Path("scikit-learn"),
        read=_read_diabetes,
        normalise="standard",
    )


def breast_cancer() -> DatasetReader:
    """569 cell nuclei, 30 features, benign or malignant (UCI WDBC): for two classes, or as anomalies."""
    return DatasetReader(
        name="breast-cancer",
        summary="scikit-learn's breast cancer table, two classes or anomalies; needs no file",
        find=lambda _given: Path("scikit-learn"),
        read=_read_breast_cancer,
        normalise="standard",
    )


def _read_diabetes(_found: Path) -> Raw:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    note = "targets are a hundredth of the published ones, which go from 25 to 346"
    return _divided(bunch.data, bunch.target[:, None] / HUNDREDS, (), (note,))


def _read_breast_cancer(_found: Path) -> Raw:
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    return _divided(bunch.data, (1 - bunch.target).astype(np.int64), ("benign", "malignant"), ())


def _divided(x: NDArray[np.float64], y: NDArray[np.generic], classes: tuple[str, ...], notes: tuple[str, ...]) -> Raw:
    import numpy as np

    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order].astype(np.float32), y[order]
    test = np.arange(len(x)) % TEST == 0
    return Raw(train_x=x[~test], train_y=y[~test], test_x=x[test], test_y=y[test], classes=classes, notes=notes)
