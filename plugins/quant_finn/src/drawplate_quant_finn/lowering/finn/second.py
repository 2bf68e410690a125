# SPDX-License-Identifier: Apache-2.0
"""Compare two lowered graphs of one model, ours and FINN's, from the output up.

It is a second opinion: exact arithmetic has proven every code before, and FINN's float32 decides some ties and flat
pieces of functions otherwise.  So a difference is told, and ends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, field

from drawplate_quant_finn.graph import Graph, attribute
from drawplate_quant_finn.lowering.network import Lowering
from drawplate_quant_finn.lowering.streams.operators import Threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

MOVES = frozenset({"DuplicateStreams", "Flatten", "Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze"})
"""Nodes that compute nothing."""
SAME: Mapping[str, tuple[str, ...]] = {
    "MVAU": ("MW", "MH", "outputDataType", "ActVal", "noActivation"),
    "Thresholding": ("NumChannels", "outputDataType", "ActVal"),
    "FMPadding": ("ImgDim", "Padding", "NumChannels"),
    "ConvolutionInputGenerator": ("ConvKernelDim", "Stride", "IFMDim", "OFMDim", "IFMChannels"),
    "Pool": ("Function", "KernelSize", "Channels", "OutImgDims"),
    "GlobalAccPool": ("NumChannels",),
    "ElementwiseAdd": ("out_shape",),
    "Mul": (),
    "Add": (),
}
"""Attributes that have to be the same, by operator."""
ROUNDINGS = 2.0**-18
"""How far float32 arithmetic on a threshold may be off: 64 roundings of the numbers that go into it."""


class LoweredOtherwise(Exception):
    """FINN's graph is another: where, and in what."""


@define
class Second:
    """What FINN's graph says otherwise."""

    ours: Graph
    theirs: Graph
    thresholds: Mapping[str, Threshold]
    """By tensor of our graph."""
    compared: int = 0
    off: int = 0
    """Thresholds that differ, each where exact arithmetic has a border within float32's rounding."""
    _seen: set[tuple[str, str]] = field(factory=set)


def compare_with_finn(lowering: Lowering, finn: ModelProto) -> Second:
    """Compare layers, weights and thresholds.

    Raises:
        LoweredOtherwise: when they differ, but for thresholds that float32 rounds.
    """
    found = Second(Graph(lowering.proto), Graph(finn), lowering.thresholds)
    _same(found, lowering.proto.graph.output[0].name, finn.graph.output[0].name)
    return found


def _same(found: Second, ours: str, theirs: str) -> None:
    first, second = _computed(found.ours, ours), _computed(found.theirs, theirs)
    if first is None or second is None:
        if first is not second:
            raise _different("one reads the input where the other computes", first or second)
        return
    key = (first.output[0], second.output[0])
    if key in found._seen:  # noqa: SLF001 - its own module
        return
    found._seen.add(key)  # noqa: SLF001
    if first.op_type != second.op_type:
        raise _different(f"FINN+ has {second.op_type} in its place", first)
    for name in SAME.get(first.op_type, ()):
        here, there = _plain(attribute(first, name)), _plain(attribute(second, name))
        if here != there:
            raise _different(f"{name} is {here}, and {there} in FINN+'s graph", first)
    _constants(found, first, second)
    streams = _streams(found.ours, first), _streams(found.theirs, second)
    if first.op_type == "ElementwiseAdd":
        _either_way(found, *streams)
        return
    for here, there in zip(*streams, strict=False):
        _same(found, here, there)


def _streams(graph: Graph, node: NodeProto) -> list[str]:
    arrays = graph.arrays()
    return [name for name in node.input if name not in arrays]


def _parameters(graph: Graph, node: NodeProto) -> list[NDArray[np.float32]]:
    arrays = graph.arrays()
    return [arrays[name] for name in node.input if name in arrays]


def _either_way(found: Second, ours: list[str], theirs: list[str]) -> None:
    """The operands of an addition may be the other way round."""
    kept = (found.compared, found.off, set(found._seen))  # noqa: SLF001
    try:
        for here, there in zip(ours, theirs, strict=True):
            _same(found, here, there)
    except LoweredOtherwise:
        found.compared, found.off, found._seen = kept  # noqa: SLF001
        for here, there in zip(ours, reversed(theirs), strict=True):
            _same(found, here, there)


def _computed(graph: Graph, name: str) -> NodeProto | None:
    """Return the node that computes a value, past those that move numbers; None for the input."""
    makers = graph.makers()
    while name in makers and makers[name].op_type in MOVES:
        name = makers[name].input[0]
    return makers.get(name)


def _plain(value: Any) -> Any:
    """Return an attribute as a text that does not tell 1 from [1, 1]."""
    if isinstance(value, bytes):
        return "UINT1" if value == b"BINARY" else value.decode()
    return [int(item) for item in value] if isinstance(value, list | tuple) else value


def _constants(found: Second, first: NodeProto, second: NodeProto) -> None:
    import numpy as np

    ours, theirs = _parameters(found.ours, first), _parameters(found.theirs, second)
    if len(ours) != len(theirs):
        raise _different(f"it has {len(ours)} constants, and {len(theirs)} in FINN+'s graph", first)
    if first.op_type in {"Mul", "Add"}:
        here, there = ours[0].reshape(-1), theirs[0].reshape(-1)
        alike = len(here) == len(there) or 1 in {len(here), len(there)}
        if not alike or not np.allclose(here, there, rtol=1e-5, atol=1e-6):
            raise _different("the outputs' scale or bias is another in FINN+'s graph", first)
        return
    if first.op_type == "MVAU" and not np.array_equal(ours[0], theirs[0]):
        raise _different("its weights are others in FINN+'s graph", first)
    count = 1 if first.op_type == "MVAU" else 0
    if len(ours) > count:
        _thresholds(found, first, ours[count], theirs[count])


def _thresholds(found: Second, node: NodeProto, ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> None:
    import numpy as np

    operator = found.thresholds[node.output[0]]
    low, high = operator.source.low, operator.source.high + 1
    steps = operator.borders.shape[1]
    repeats = ours.shape[1] // steps
    shape = (operator.channels, ours.shape[1])
    if theirs.shape[1] != ours.shape[1]:
        raise _different(f"it has {ours.shape[1]} thresholds, and {theirs.shape[1]} in FINN+'s graph", node)
    here, there = (np.broadcast_to(np.clip(np.sort(part, axis=1), low, high), shape) for part in (ours, theirs))
    borders = np.clip(np.repeat(operator.borders, repeats, axis=1), low - 1, high)
    error = ROUNDINGS * (np.abs(borders) + 2 * operator.reach[:, None] + 1)
    possible = (np.ceil(borders - error) <= there) & (there <= np.floor(borders + error) + 1)
    wrong = (here != there) & ~possible
    found.compared += here.size
    if wrong.any():
        channel, step = (int(i) for i in np.argwhere(wrong)[0])
        raise _different(
            f"threshold {step} of channel {channel} is {there[channel, step]:g} in FINN+'s graph, and "
            f"{here[channel, step]:g} here: the border is at {borders[channel, step]:.9g}",
            node,
        )
    found.off += int((here != there).sum())


def _different(what: str, node: NodeProto | None) -> LoweredOtherwise:
    return LoweredOtherwise(f"{f'layer {node.name!r}' if node is not None else 'the input'}: {what}")
