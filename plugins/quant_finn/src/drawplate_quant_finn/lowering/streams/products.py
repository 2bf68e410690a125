# SPDX-License-Identifier: Apache-2.0
"""Write sums of products, with thresholds or without, as FINN's MVAU and VVAU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate_quant_finn.lowering.streams.codes import Readers, level_type, levels_of, start_of, threshold_type
from drawplate_quant_finn.lowering.streams.images import windows
from drawplate_quant_finn.lowering.streams.operators import Depthwise, Linear, Operator, Threshold
from drawplate_quant_finn.lowering.streams.types import datatype, limits
from drawplate_quant_finn.lowering.streams.writer import Writer, shape_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write_linear(writer: Writer, operator: Linear, threshold: Threshold | None, readers: Readers) -> None:
    """Write MVAU or VVAU, the thresholds behind it included."""
    import numpy as np

    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    if operator.window is not None:
        depthwise = isinstance(operator, Depthwise)
        taken = windows(writer, taken, operator.source, operator.window, type_, depthwise=depthwise)
    last: Operator = threshold or operator
    low, high = _sum_range(operator, type_)
    sums = datatype(low, high)
    given = [(_stored(operator), _weight_type(operator.weights))]
    attributes: dict[str, Any] = {"ActVal": 0, "noActivation": 1}
    if threshold is None:
        out, accumulator = sums, sums
    else:
        out = threshold_type(threshold, readers)
        levels = levels_of(threshold, low, high, out)
        accumulator = datatype(min(low, int(levels.min())), max(high, int(levels.max()) - 1))
        given.append((levels, level_type(accumulator)))
        attributes = {"ActVal": start_of(threshold, out), "noActivation": 0}
    kind, shape = _matrix(operator)
    (name,) = writer.add(
        kind,
        [taken],
        shape_of(last),
        out,
        constants=given,
        **attributes,
        **shape,
        PE=1,
        SIMD=1,
        inFIFODepths=[2],
        inputDataType=type_,
        mem_mode="internal_decoupled",
        outputDataType=out,
        weightDataType=given[0][1],
        accDataType=accumulator,
    )
    writer.kinds[id(last)] = out
    writer.give(last, name, len(readers[id(last)]))
    assert np.all(np.isfinite(operator.weights))


def _matrix(operator: Linear) -> tuple[str, dict[str, Any]]:
    """Return FINN's layer of products, and the attributes of its shape."""
    rows, columns = operator.weights.shape
    if isinstance(operator, Depthwise):
        shape = {"Channels": columns, "Dim": list(operator.frame[:2]), "Kernel": list(operator.window.kernel)}
        return "VVAU", shape
    vectors = shape_of(operator)[:-1]
    return "MVAU", {"MW": rows, "MH": columns, "binaryXnorMode": 0, "numInputVectors": vectors}


def _stored(operator: Linear) -> NDArray[np.int64]:
    """Return weights in the shape that FINN's layer has them in."""
    if isinstance(operator, Depthwise):
        return operator.weights.T.reshape(operator.channels, 1, *operator.window.kernel)
    return operator.weights


def _sum_range(operator: Linear, type_: str) -> tuple[int, int]:
    import numpy as np

    low, high = limits(type_)
    ends = np.stack([operator.weights * low, operator.weights * high])
    return int(ends.min(axis=0).sum(axis=0).min()), int(ends.max(axis=0).sum(axis=0).max())


def _weight_type(weights: NDArray[np.int64]) -> str:
    import numpy as np

    if np.all(np.abs(weights) == 1):
        return "BIPOLAR"
    return datatype(int(weights.min()), int(weights.max()))
