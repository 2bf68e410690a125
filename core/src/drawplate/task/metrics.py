# SPDX-License-Identifier: Apache-2.0
"""Every accuracy metric, in NumPy: the one implementation that all steps use.

All functions take outputs of N examples, targets, and the output above which a single output, or a label, is a yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Outputs = NDArray[np.float64]
    Classes = NDArray[np.int64]


def predicted(outputs: Outputs, threshold: float) -> Classes:
    """Return the class of each row: of the greatest output, the first one of equals, or of the one output.

    A row with a NaN has class -1, which is always wrong.
    """
    import numpy as np

    rows = outputs.reshape(len(outputs), -1)
    found = rows.argmax(1) if rows.shape[1] > 1 else (rows[:, 0] > threshold)
    return np.where(np.isnan(rows).any(1), -1, found).astype(np.int64)


def top1(outputs: Outputs, targets: Classes, threshold: float) -> float:
    """Return the part of the examples whose class is found, in percent."""
    return 100.0 * float((predicted(outputs, threshold) == targets).mean())


def error(outputs: Outputs, targets: Classes, threshold: float) -> float:
    """Return the part of the examples whose class is missed, in percent."""
    return 100.0 - top1(outputs, targets, threshold)


def balanced_accuracy(outputs: Outputs, targets: Classes, threshold: float) -> float:
    """Return the mean over the classes present of the part of each that is found, in percent."""
    import numpy as np

    right = predicted(outputs, threshold) == targets
    return 100.0 * float(np.mean([right[targets == name].mean() for name in np.unique(targets)]))


def auc_of_scores(scores: Outputs, positive: NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve: how often a positive scores above a negative, equal scores half.

    None where there are only positives or only negatives, or a score is NaN.
    """
    import numpy as np

    ones = int(positive.sum())
    zeros = len(positive) - ones
    if not ones or not zeros or np.isnan(scores).any():
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[place]  # equal scores share their mean rank
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def auc(outputs: Outputs, targets: Classes, _threshold: float) -> float | None:
    """Return the area under the ROC curve of a single output."""
    return auc_of_scores(outputs.reshape(len(outputs), -1)[:, -1], targets == 1)


def mean_auc(outputs: Outputs, targets: NDArray[np.float32], _threshold: float) -> float | None:
    """Return the mean area under the ROC curve over the labels that some examples have and some have not."""
    import numpy as np

    rows, wanted = outputs.reshape(len(outputs), -1), targets.reshape(len(targets), -1) > 0.5
    found = [auc_of_scores(rows[:, label], wanted[:, label]) for label in range(wanted.shape[1])]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else None


def _yes(outputs: Outputs, targets: NDArray[Any], threshold: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return outputs.reshape(len(outputs), -1) > threshold, targets.reshape(len(targets), -1) > 0.5


def label_accuracy(outputs: Outputs, targets: NDArray[np.float32], threshold: float) -> float:
    """Return the part of all labels of all examples that is right, in percent."""
    found, wanted = _yes(outputs, targets, threshold)
    return 100.0 * float((found == wanted).mean())


def exact_match(outputs: Outputs, targets: NDArray[np.float32], threshold: float) -> float:
    """Return the part of the examples all of whose labels are right, in percent."""
    found, wanted = _yes(outputs, targets, threshold)
    return 100.0 * float((found == wanted).all(1).mean())


def f1(outputs: Outputs, targets: NDArray[np.float32], threshold: float) -> float | None:
    """Return the mean over the labels of ``2 TP / (2 TP + FP + FN)``, in percent.

    A label that no example has and that is never given counts nothing; None where there is no other.
    """
    found, wanted = _yes(outputs, targets, threshold)
    both, either = (found & wanted).sum(0), found.sum(0) + wanted.sum(0)
    used = either > 0
    return 100.0 * float((2 * both[used] / either[used]).mean()) if used.any() else None


def _errors(outputs: Outputs, targets: NDArray[Any]) -> Outputs:
    import numpy as np

    found: Outputs = outputs.reshape(len(outputs), -1) - np.asarray(targets, np.float64).reshape(len(targets), -1)
    return found


def squared_errors(outputs: Outputs, targets: NDArray[Any]) -> Outputs:
    """Return the mean squared error of each example, shape (N,): the anomaly score of a reconstruction."""
    scores: Outputs = (_errors(outputs, targets) ** 2).mean(1)
    return scores


def mse(outputs: Outputs, targets: NDArray[Any], _threshold: float) -> float:
    """Return the mean squared error over all examples and outputs."""
    return float(squared_errors(outputs, targets).mean())


def mae(outputs: Outputs, targets: NDArray[Any], _threshold: float) -> float:
    """Return the mean absolute error over all examples and outputs."""
    return float(abs(_errors(outputs, targets)).mean())


def r2(outputs: Outputs, targets: NDArray[Any], _threshold: float) -> float | None:
    """Return the mean over the outputs of ``1 - squared error / variance``; None where no target varies."""
    import numpy as np

    wanted = np.asarray(targets, np.float64).reshape(len(targets), -1)
    spread = ((wanted - wanted.mean(0)) ** 2).sum(0)
    missed = (_errors(outputs, targets) ** 2).sum(0)
    varies = spread > 0
    return float((1 - missed[varies] / spread[varies]).mean()) if varies.any() else None
