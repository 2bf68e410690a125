# SPDX-License-Identifier: Apache-2.0
"""Write what moves pixels as FINN's layers: borders, windows, pools, sums, upsampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drawplate_quant_finn.lowering.streams.codes import Readers
from drawplate_quant_finn.lowering.streams.operators import Border, Frame, MaxPool, Operator, Sum, Window
from drawplate_quant_finn.lowering.streams.types import datatype, limits
from drawplate_quant_finn.lowering.streams.writer import Writer, shape_of


def write_border(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    """Write FMPadding; what is put around, where it is not 0, is our attribute ``Fill``."""
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
        **_fill(operator),
        inputDataType=type_,
    )
    writer.kinds[id(operator)] = type_
    writer.give(operator, name, len(readers[id(operator)]))


def write_pool(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    """Write a maximum over windows."""
    assert isinstance(operator, MaxPool)
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    name = _pool(writer, operator, taken, type_, type_)
    writer.kinds[id(operator)] = type_
    writer.give(operator, name, len(readers[id(operator)]))


def _pool(writer: Writer, operator: MaxPool | Sum, taken: str, type_: str, out: str) -> str:
    """Write windows and what pools them; a sum (FINN's QuantAvgPool that shifts by Size = 0) keeps all its bits."""
    taken = windows(writer, taken, operator.source, operator.window, type_, depthwise=True)
    (name,) = writer.add(
        "Pool",
        [taken],
        shape_of(operator),
        out,
        AccumBits=0 if out == type_ else max(1, *(abs(end).bit_length() + 1 for end in limits(out))),
        BatchSize=1,
        Channels=operator.channels,
        Function="QuantAvgPool" if isinstance(operator, Sum) else "MaxPool",
        InputDataType=type_,
        KernelSize=list(operator.window.kernel),
        OutImgDims=list(operator.frame[:2]),
        OutputDataType=out,
        PE=1,
        Size=0,
        cpp_interface="hls_vector",
    )
    return name


def write_sum(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    """Write a sum over windows, or over the whole image."""
    assert isinstance(operator, Sum)
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    frame, (low, high) = operator.source.frame, limits(type_)
    count = operator.window.size
    out = datatype(count * low, count * high)
    writer.kinds[id(operator)] = out
    if not operator.whole:
        name = _pool(writer, operator, taken, type_, out)
        writer.give(operator, name, len(readers[id(operator)]))
        return
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
    writer.give(operator, name, len(readers[id(operator)]))


def write_upsample(writer: Writer, operator: Operator, readers: Readers, _shape: Sequence[int]) -> None:
    """Write UpsampleNearestNeighbour."""
    taken, type_ = writer.take(operator.source), writer.kinds[id(operator.source)]
    (high, wide, channels), (height, width, _) = operator.source.frame, operator.frame
    (name,) = writer.add(
        "UpsampleNearestNeighbour",
        [taken],
        shape_of(operator),
        type_,
        HI=high,
        WI=wide,
        HO=height,
        WO=width,
        NumChannels=channels,
        SIMD=1,
        batchSize=1,
        inputDataType=type_,
    )
    writer.kinds[id(operator)] = type_
    writer.give(operator, name, len(readers[id(operator)]))


def windows(writer: Writer, taken: str, source: Operator, window: Window, type_: str, *, depthwise: bool) -> str:
    """Write ConvolutionInputGenerator; return its output."""
    frame: Frame = source.frame
    height, width = window.over(frame)
    (name,) = writer.add(
        "ConvolutionInputGenerator",
        [taken],
        [1, height, width, window.size * frame[2]],
        type_,
        ConvKernelDim=list(window.kernel),
        Dilation=list(window.dilation),
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


def _fill(operator: Border) -> dict[str, Any]:
    return {"Fill": operator.source.low} if operator.lowest else {}
