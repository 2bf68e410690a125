# SPDX-License-Identifier: Apache-2.0
"""How strong evidence is: what has to be said beside a figure so that nobody trusts it too much."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from drawplate.task import metrics
from drawplate.task.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW = 1000
"""Below so many examples a top-1 is told with its confidence interval: from here on it is within 3 percent points."""
Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""
TIES = 0.01
"""Part of the examples whose greatest output is shared, above which it is said."""


def notes(
    task: Task, outputs: NDArray[np.float64], targets: NDArray[Any], threshold: float, classes: Sequence[str]
) -> Iterator[str]:
    """Yield what weakens the evidence of predictions.

    Args:
        task: what they are judged by.
        outputs: shape (N, outputs).
        targets: what is wanted.
        threshold: above which a single output is a yes.
        classes: names of the classes.
    """
    import numpy as np

    count = len(outputs)
    broken = int((~np.isfinite(outputs)).any(1).sum())
    if broken:
        yield f"{broken:,} of {count:,} outputs are not finite numbers"
    if task.classifies:
        yield from _of_classes(metrics.predicted(outputs, threshold), targets, classes)
        ties = _ties(outputs)
        if ties > TIES * count:
            yield f"in {ties:,} the greatest output is not the only one of its value: the first one counts"
    elif count > 1 and not broken and (outputs == outputs[0]).all():
        yield "all outputs are the same"


def _of_classes(found: NDArray[np.int64], targets: NDArray[Any], classes: Sequence[str]) -> Iterator[str]:
    count, right = len(found), int((found == targets).sum())
    if count < FEW:
        low, high = wilson(right, count)
        yield f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    if count > 1 and (found == found[0]).all():
        yield f"all predictions are one class ({_name(int(found[0]), classes)})"
    if count > 1 and (targets == targets[0]).all():
        yield f"all examples are of one class ({_name(int(targets[0]), classes)})"


def _name(number: int, classes: Sequence[str]) -> str:
    return repr(classes[number]) if 0 <= number < len(classes) else str(number)


def _ties(outputs: NDArray[np.float64]) -> int:
    if outputs.shape[1] < 2:
        return 0
    return int(((outputs == outputs.max(1, keepdims=True)).sum(1) > 1).sum())


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a proportion (Wilson 1927), from 0 to 1."""
    share, z2 = right / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def of_codes(codes: NDArray[Any], levels: int) -> str:
    """Say how many of an input quantizer's codes the inputs use; nothing where it is half of them or more."""
    import numpy as np

    used = len(np.unique(codes))
    return f"inputs use {used} of {levels} codes" if 2 * used < levels else ""
