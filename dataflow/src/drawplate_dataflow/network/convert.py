# SPDX-License-Identifier: Apache-2.0
"""One function per hardware layer of FINN: from a node to a layer of the description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from attrs import define, evolve, field

from drawplate.errors import ModelError
from drawplate_dataflow.network.model import (
    Add,
    ArgMax,
    Layer,
    MatMul,
    Memory,
    Pad,
    Pool,
    PoolKind,
    Stream,
    Threshold,
    Window,
)
from drawplate_dataflow.network.nodes import Constants, Node, blocks_of
from drawplate_dataflow.network.types import BIPOLAR, Integers, IntType, spanning, sum_range, unsigned

_MEMORIES = {"block": Memory.BLOCK, "distributed": Memory.LUT}


@define
class Context:
    """What has been read so far."""

    constants: Constants
    senders: dict[str, str]
    """Layer by tensor."""
    streams: dict[str, Stream]
    """Stream by layer."""
    pending: dict[str, Node] = field(factory=dict)
    """Depthwise windows that wait for their Pool, by tensor."""

    def source(self, node: Node, position: int = 0) -> str:
        """Return the layer that sends an input of a node."""
        return self.senders[node.inputs[position]]

    def stream(self, node: Node, position: int = 0) -> Stream:
        """Return the stream that arrives at an input of a node."""
        return self.streams[self.source(node, position)]


def _matmul(node: Node, context: Context) -> Layer:
    stream = context.stream(node)
    weights = context.constants.integers(node, 1)
    weight_type, x = node.type("weightDataType"), stream.type
    counts = bool(node.integer("binaryXnorMode", 0))
    if counts:
        weights, weight_type = 2 * weights - 1, BIPOLAR
    if weight_type.bipolar and np.any(np.abs(weights) != 1):
        raise ModelError("bipolar weights other than -1 and +1", where=node.where)
    mw, mh = weights.shape
    height, width = _pixels(stream, mw, node)
    if node.integer("noActivation", 0):
        thresholds = None
        low, high = sum_range(weights, x)
        kind = spanning(int(low.min()), int(high.max()))
    else:
        thresholds = _thresholds(context.constants.integers(node, 2), mh)
        # FINN counts agreements in this mode, the sum of +-1 products is twice that minus all.
        thresholds = 2 * thresholds - mw if counts else thresholds
        kind = _activation_type(node)
    return MatMul(
        name=node.name,
        inputs=(context.source(node),),
        output=Stream(shape=(height, width, mh), type=kind),
        weights=weights,
        weight_type=weight_type,
        thresholds=thresholds,
        pe=node.integer("PE", 1),
        simd=node.integer("SIMD", 1),
        memory=_MEMORIES.get(node.text("ram_style", "auto"), Memory.AUTO),
        dsp_pe=blocks_of(node.text("resType", "auto"), node.integer("dsp_pe", 0), node.integer("PE", 1)),
    )


def _pixels(stream: Stream, mw: int, node: Node) -> tuple[int, int]:
    """Height and width of a matrix layer's output: a matrix over the whole frame flattens it."""
    if stream.channels == mw:
        return stream.shape[0], stream.shape[1]
    if stream.elements == mw:
        return 1, 1
    raise ModelError(f"{mw} inputs do not match a stream of {stream.shape}", where=node.where)


def _thresholds(array: Integers, channels: int) -> Integers:
    return np.sort(np.broadcast_to(array, (channels, array.shape[1])), axis=1)


def _activation_type(node: Node) -> IntType:
    """Code 0 stands for no threshold reached: ActVal, or -1 where the output is bipolar."""
    named = node.type("outputDataType")
    return named if named.bipolar else IntType(named.bits, node.integer("ActVal", 0))


def _threshold(node: Node, context: Context) -> Layer:
    stream = context.stream(node)
    return Threshold(
        name=node.name,
        inputs=(context.source(node),),
        output=evolve(stream, type=_activation_type(node)),
        thresholds=_thresholds(context.constants.integers(node, 1), stream.channels),
        pe=node.integer("PE", 1),
    )


def _window(node: Node, context: Context) -> Layer | None:
    if node.pair("Dilation") != (1, 1):
        raise ModelError("a dilated window is not supported", where=node.where, allowed="Dilation = 1, 1")
    if node.integer("depthwise", 0):
        context.pending[node.outputs[0]] = node
        context.senders[node.outputs[0]] = context.source(node)
        return None
    stream, kernel, stride = context.stream(node), node.pair("ConvKernelDim"), node.pair("Stride")
    height, width = _slid(node, stream, kernel, stride)
    return Window(
        name=node.name,
        inputs=(context.source(node),),
        output=evolve(stream, shape=(height, width, kernel[0] * kernel[1] * stream.channels)),
        kernel=kernel,
        stride=stride,
        simd=node.integer("SIMD", 1),
    )


def _slid(node: Node, stream: Stream, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    height, width, _ = stream.shape
    if kernel[0] > height or kernel[1] > width:
        raise ModelError(
            f"a window of {kernel[0]} x {kernel[1]} pixels does not fit an image of {height} x {width}",
            where=node.where,
            hint="use a smaller kernel, or padding",
        )
    return (height - kernel[0]) // stride[0] + 1, (width - kernel[1]) // stride[1] + 1


def _pad(node: Node, context: Context) -> Layer:
    stream = context.stream(node)
    top, left, bottom, right = (int(value) for value in node.attributes["Padding"])
    if stream.type.zero is None:
        raise ModelError("bipolar values have no zero to pad with", where=node.where)
    height, width, channels = stream.shape
    return Pad(
        name=node.name,
        inputs=(context.source(node),),
        output=evolve(stream, shape=(height + top + bottom, width + left + right, channels)),
        top=top,
        left=left,
        bottom=bottom,
        right=right,
        simd=node.integer("SIMD", 1),
    )


def _pool(node: Node, context: Context) -> Layer:
    window = context.pending.pop(node.inputs[0], None)
    if node.text("Function") != "MaxPool" or window is None:
        raise ModelError(f"the pooling {node.text('Function')!r} is not supported", where=node.where, allowed="MaxPool")
    return _maximum(node, context, window.pair("ConvKernelDim"), window.pair("Stride"))


def _streaming_pool(node: Node, context: Context) -> Layer:
    kernel = node.pair("PoolDim")
    return _maximum(node, context, kernel, kernel)


def _maximum(node: Node, context: Context, kernel: tuple[int, int], stride: tuple[int, int]) -> Pool:
    stream = context.stream(node)
    return Pool(
        name=node.name,
        inputs=(context.source(node),),
        output=evolve(stream, shape=(*_slid(node, stream, kernel, stride), stream.channels)),
        kind=PoolKind.MAX,
        kernel=kernel,
        stride=stride,
        pe=node.integer("PE", 1),
    )


def _global_sum(node: Node, context: Context) -> Layer:
    stream = context.stream(node)
    kernel = stream.shape[:2]
    total = spanning(stream.type.low * stream.pixels, stream.type.high * stream.pixels)
    return Pool(
        name=node.name,
        inputs=(context.source(node),),
        output=Stream(shape=(1, 1, stream.channels), type=total),
        kind=PoolKind.SUM,
        kernel=kernel,
        stride=kernel,
        pe=node.integer("PE", 1),
    )


def _add(node: Node, context: Context) -> Layer:
    missing = [name for name in node.inputs if name not in context.senders]
    if missing:
        raise ModelError(f"adds a constant ({missing[0]!r}), not a stream", where=node.where)
    a, b = context.stream(node, 0), context.stream(node, 1)
    if a.shape != b.shape:
        raise ModelError(f"adds streams of shapes {a.shape} and {b.shape}", where=node.where)
    total = spanning(a.type.low + b.type.low, a.type.high + b.type.high)
    return Add(
        name=node.name,
        inputs=(context.source(node, 0), context.source(node, 1)),
        output=evolve(a, type=total),
        pe=node.integer("PE", 1),
    )


def _argmax(node: Node, context: Context) -> Layer:
    if node.integer("K", 1) != 1:
        raise ModelError("only the best label can be selected", where=node.where, allowed="K = 1")
    stream = context.stream(node)
    kind = unsigned(max(1, (stream.elements - 1).bit_length()))
    return ArgMax(name=node.name, inputs=(context.source(node),), output=Stream(shape=(1, 1, 1), type=kind))


LAYERS: Final[Mapping[str, Callable[[Node, Context], Layer | None]]] = MappingProxyType(
    {
        "MVAU": _matmul,
        "Thresholding": _threshold,
        "ConvolutionInputGenerator": _window,
        "FMPadding": _pad,
        "Pool": _pool,
        "StreamingMaxPool": _streaming_pool,
        "GlobalAccPool": _global_sum,
        "AddStreams": _add,
        "ElementwiseAdd": _add,
        "LabelSelect": _argmax,
    }
)
"""What can be read, by operator."""
