# SPDX-License-Identifier: Apache-2.0
"""Write operators on integers as FINN's hardware layers: the DATAFLOW form, every PE and SIMD 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drawplate_quant_finn.lowering.streams.operators import (
    Add,
    Border,
    Frame,
    Input,
    Linear,
    MaxPool,
    Operator,
    Sum,
    Threshold,
    Window,
)
from drawplate_quant_finn.lowering.streams.signs import in_order, readers_of
from drawplate_quant_finn.lowering.streams.types import datatype, limits
from drawplate_quant_finn.lowering.streams.writer import Writer, shape_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write(writer: Writer, output: Operator, shape: Sequence[int]) -> str:
    """Write all operators that an output depends on; return its tensor.

    Args:
        writer: where to.
        output: the last operator.
        shape: of the model's input.
    """
    operators = in_order(output)
    readers = readers_of(operators)
    fused: set[int] = set()
    for operator in operators:
        if id(operator) in fused:
            continue
        following = readers[id(operator)]
        if isinstance(operator, Linear) and len(following) == 1 and isinstance(following[0], Threshold):
            fused.add(id(following[0]))
            _write_linear(writer, operator, following[0], readers)
        elif isinstance(operator, Linear):
            _write_linear(writer, operator, None, readers)
        else:
            _WRITERS[type(operator)](writer, operator, readers, shape)
    return writer.take(output)


Readers = Mapping[int, Sequence[Operator]]


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


def _write_input(writer: Writer, operator: Operator, readers: Readers, shape: Sequence[int]) -> None:
    assert isinstance(operator, Input)
    type_ = operator.datatype
    if type_ == "BIPOLAR" and not only_multiplied(operator, readers):
        type_ = "INT2"
    writer.describe(writer.input, shape, type_)
    writer.kinds[id(operator)] = type_
    name = writer.input
    if operator.image:
        (name,) = writer.add("Transpose", [name], shape_of(operator), type_, hardware=False, perm=[0, 2, 3, 1])
    elif len(shape) > 2:
        (name,) = writer.add("Flatten", [name], shape_of(operator), type_, hardware=False)
    writer.give(operator, name, len(readers[id(operator)]))


def _write_linear(writer: Writer, operator: Linear, threshold: Threshold | None, readers: Readers) -> None:
    import numpy as np

    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    if operator.window is not None:
        taken = _windows(writer, taken, operator.source, operator.window, type_, depthwise=False)
    last: Operator = threshold or operator
    low, high = _sum_range(operator, type_)
    sums = datatype(low, high)
    given = [(operator.weights, _weight_type(operator.weights))]
    attributes: dict[str, Any] = {"ActVal": 0, "noActivation": 1}
    if threshold is None:
        out, accumulator = sums, sums
    else:
        out = threshold_type(threshold, readers)
        levels = _levels(threshold, low, high, out)
        accumulator = datatype(min(low, int(levels.min())), max(high, int(levels.max()) - 1))
        given.append((levels, _level_type(accumulator)))
        attributes = {"ActVal": _start(threshold, out), "noActivation": 0}
    rows, columns = operator.weights.shape
    (name,) = writer.add(
        "MVAU",
        [taken],
        shape_of(last),
        out,
        constants=given,
        **attributes,
        MW=rows,
        MH=columns,
        PE=1,
        SIMD=1,
        binaryXnorMode=0,
        inFIFODepths=[2],
        inputDataType=type_,
        mem_mode="internal_decoupled",
        numInputVectors=shape_of(operator)[:-1],
        outputDataType=out,
        weightDataType=given[0][1],
        accDataType=accumulator,
    )
    writer.kinds[id(last)] = out
    writer.give(last, name, len(readers[id(last)]))
    assert np.all(np.isfinite(operator.weights))


def _write_threshold(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    assert isinstance(operator, Threshold)
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    out = threshold_type(operator, readers)
    levels = _levels(operator, *limits(type_), out)
    if (levels == levels[0]).all():
        levels = levels[:1]
    shape = shape_of(operator)
    kind = _level_type(type_)
    (name,) = writer.add(
        "Thresholding",
        [taken],
        shape,
        out,
        constants=[(levels, kind)],
        ActVal=_start(operator, out),
        NumChannels=operator.channels,
        PE=1,
        inputDataType=type_,
        numInputVectors=shape[:-1],
        numSteps=levels.shape[1],
        outputDataType=out,
        weightDataType=kind,
    )
    writer.kinds[id(operator)] = out
    writer.give(operator, name, len(readers[id(operator)]))


def _write_border(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    assert isinstance(operator, Border)
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    (name,) = writer.add(
        "FMPadding",
        [taken],
        shape_of(operator),
        type_,
        ImgDim=list(operator.source.frame[:2]),
        NumChannels=operator.channels,
        Padding=list(operator.pads),
        SIMD=1,
        inputDataType=type_,
    )
    writer.kinds[id(operator)] = type_
    writer.give(operator, name, len(readers[id(operator)]))


def _write_pool(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    assert isinstance(operator, MaxPool)
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    windows = _windows(writer, taken, operator.source, operator.window, type_, depthwise=True)
    (name,) = writer.add(
        "Pool",
        [windows],
        shape_of(operator),
        type_,
        AccumBits=0,
        BatchSize=1,
        Channels=operator.channels,
        Function="MaxPool",
        InputDataType=type_,
        KernelSize=list(operator.window.kernel),
        OutImgDims=list(operator.frame[:2]),
        OutputDataType=type_,
        PE=1,
        Size=0,
        cpp_interface="hls_vector",
    )
    writer.kinds[id(operator)] = type_
    writer.give(operator, name, len(readers[id(operator)]))


def _write_add(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    first, second = operator.sources
    taken = [writer.take(first), writer.take(second)]
    types = [writer.kinds[id(source)] for source in operator.sources]
    ends = [limits(type_) for type_ in types]
    out, shape = datatype(ends[0][0] + ends[1][0], ends[0][1] + ends[1][1]), shape_of(operator)
    (name,) = writer.add(
        "ElementwiseAdd",
        taken,
        shape,
        out,
        lhs_dtype=types[0],
        lhs_shape=shape,
        lhs_style="input",
        out_dtype=out,
        out_shape=shape,
        rhs_dtype=types[1],
        rhs_shape=shape,
        rhs_style="input",
        PE=1,
    )
    writer.kinds[id(operator)] = out
    writer.give(operator, name, len(readers[id(operator)]))


def _write_sum(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    frame, (low, high) = operator.source.frame, limits(type_)
    count = frame[0] * frame[1]
    out = datatype(count * low, count * high)
    (name,) = writer.add(
        "GlobalAccPool",
        [taken],
        shape_of(operator),
        out,
        NumChannels=operator.channels,
        PE=1,
        inputDataType=type_,
        numInputVectors=[1, *frame[:2]],
    )
    writer.kinds[id(operator)] = out
    writer.give(operator, name, len(readers[id(operator)]))


_WRITERS = {
    Input: _write_input,
    Threshold: _write_threshold,
    Border: _write_border,
    MaxPool: _write_pool,
    Add: _write_add,
    Sum: _write_sum,
}


def _windows(writer: Writer, taken: str, source: Operator, window: Window, type_: str, *, depthwise: bool) -> str:
    frame: Frame = source.frame
    height, width = window.over(frame)
    (name,) = writer.add(
        "ConvolutionInputGenerator",
        [taken],
        [1, height, width, window.kernel[0] * window.kernel[1] * frame[2]],
        type_,
        ConvKernelDim=list(window.kernel),
        Dilation=[1, 1],
        IFMChannels=frame[2],
        IFMDim=list(frame[:2]),
        OFMDim=[height, width],
        SIMD=1,
        Stride=list(window.stride),
        depthwise=int(depthwise),
        inputDataType=type_,
        is1D=0,
        outputDataType=type_,
    )
    return name


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


def _level_type(sums: str) -> str:
    """Return the type of thresholds on a type: what is never reached lies one above it."""
    low, high = limits(sums)
    return datatype(low, high + 1)


def _levels(operator: Threshold, low: int, high: int, out: str) -> NDArray[np.int64]:
    """Return thresholds within what can arrive; twice each where a sign is a number of two bits."""
    import numpy as np

    levels = np.clip(operator.levels, low, high + 1)
    return np.repeat(levels, 2, axis=1) if operator.sign and out != "BIPOLAR" else levels


def _start(operator: Threshold, out: str) -> int:
    return 0 if out == "BIPOLAR" else operator.low
