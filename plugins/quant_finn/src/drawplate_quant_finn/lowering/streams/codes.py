# SPDX-License-Identifier: Apache-2.0
"""Types and thresholds of codes, as FINN's layers have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from drawplate_quant_finn.lowering.streams.operators import Input, Linear, MaxPool, Operator, Threshold
from drawplate_quant_finn.lowering.streams.types import datatype, limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Readers = Mapping[int, Sequence[Operator]]
"""Who reads an operator, by its id."""


def threshold_type(operator: Threshold | Input, readers: Readers) -> str:
    """Return the type of codes; a sign takes two bits where it meets a border, or is added."""
    if isinstance(operator, Input) or not operator.sign:
        return operator.datatype or datatype(operator.low, operator.high)
    return "BIPOLAR" if only_multiplied(operator, readers) else "INT2"


def only_multiplied(operator: Operator, readers: Readers) -> bool:
    """Whether a stream reaches matrix products, or the output, with nothing added to it."""
    following = readers[id(operator)]
    return all(
        isinstance(reader, Linear) or (isinstance(reader, MaxPool) and only_multiplied(reader, readers))
        for reader in following
    )


def level_type(sums: str) -> str:
    """Return the type of thresholds on a type: what is never reached lies one above it."""
    low, high = limits(sums)
    return datatype(low, high + 1)


def levels_of(operator: Threshold, low: int, high: int, out: str) -> NDArray[np.int64]:
    """Return thresholds within what can arrive; twice each where a sign is a number of two bits."""
    import numpy as np

    levels = np.clip(operator.levels, low, high + 1)
    return np.repeat(levels, 2, axis=1) if operator.sign and out != "BIPOLAR" else levels


def start_of(operator: Threshold, out: str) -> int:
    """Return FINN's ActVal: what stands for no threshold reached."""
    return 0 if out == "BIPOLAR" else operator.low
