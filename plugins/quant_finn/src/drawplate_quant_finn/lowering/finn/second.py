# SPDX-License-Identifier: Apache-2.0
"""Compare two lowered networks of one model, ours and FINN's, from the output up.

It is a second opinion: exact arithmetic has proven every code before, and FINN's float32 decides some ties and flat
pieces of functions otherwise.  So a difference is told, and ends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
from attrs import define, field

from drawplate.errors import ModelError
from drawplate_dataflow.network import INPUT, Layer, Network
from drawplate_dataflow.reading import reading
from drawplate_quant_finn.lowering.network import Lowering
from drawplate_quant_finn.lowering.streams.operators import Threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto

    Integers = NDArray[np.int64]

ROUNDINGS = 2.0**-18
"""How far float32 arithmetic on a threshold may be off: 64 roundings of the numbers that go into it."""
BESIDE = frozenset({"origin", "name", "inputs", "output", "thresholds"})
"""Fields that are compared in another way, or that FINN+ has no word for; folding is, too."""


class LoweredOtherwise(Exception):
    """FINN's network is another: where, and in what."""


@define
class Second:
    """What FINN's network says otherwise."""

    ours: Network
    theirs: Network
    thresholds: Mapping[str, Threshold]
    """By our layer."""
    compared: int = 0
    off: int = 0
    """Thresholds that differ, each where exact arithmetic has a border within float32's rounding."""
    seen: set[tuple[str, str]] = field(factory=set)
    """Pairs of layers that have been compared."""


def compare_with_finn(lowering: Lowering, finn: ModelProto) -> Second:
    """Compare layers, weights and thresholds.

    Raises:
        LoweredOtherwise: when they differ, but for thresholds that float32 rounds.
    """
    import numpy as np

    ours = reading(lowering.proto)
    try:
        theirs = reading(finn)
    except ModelError as error:
        raise LoweredOtherwise(f"{error.where}: {error.what}") from error
    thresholds = {ours.senders[tensor]: operator for tensor, operator in lowering.thresholds.items()}
    found = Second(ours.network, theirs.network, thresholds)
    _same(found, *(network.layers[-1].name for network in (found.ours, found.theirs)))
    for part in ("scale", "bias"):
        here, there = (_host(network, part) for network in (found.ours, found.theirs))
        alike = len(here) == len(there) or 1 in {len(here), len(there)}
        if not alike or not np.allclose(here, there, rtol=1e-5, atol=1e-6):
            raise LoweredOtherwise(f"the output: its {part} is another in FINN+'s graph")
    return found


def _host(network: Network, part: str) -> NDArray[np.float64]:
    import numpy as np

    return np.full(1, float(part == "scale")) if network.scale is None else np.asarray(getattr(network.scale, part))


def _same(found: Second, ours: str, theirs: str) -> None:
    if INPUT in {ours, theirs}:
        if ours != theirs:
            raise LoweredOtherwise(f"layer {ours if theirs == INPUT else theirs!r}: the other reads the input there")
        return
    if (ours, theirs) in found.seen:
        return
    found.seen.add((ours, theirs))
    first, second = found.ours.layer(ours), found.theirs.layer(theirs)
    if type(first) is not type(second):
        raise _different(f"FINN+ has {second.kind} in its place", first)
    _compare(found, first, second)
    if first.commutes:
        _either_way(found, first, second)
        return
    for here, there in zip(first.inputs, second.inputs, strict=True):
        _same(found, here, there)


def _either_way(found: Second, first: Layer, second: Layer) -> None:
    """The inputs may be the other way round."""
    kept = (found.compared, found.off, set(found.seen))
    try:
        for here, there in zip(first.inputs, second.inputs, strict=True):
            _same(found, here, there)
    except LoweredOtherwise:
        found.compared, found.off, found.seen = kept
        for here, there in zip(first.inputs, reversed(second.inputs), strict=True):
            _same(found, here, there)


def _compare(found: Second, first: Layer, second: Layer) -> None:
    import numpy as np

    if first.output != second.output:
        raise _different(f"it sends {_said(first)}, and {_said(second)} in FINN+'s graph", first)
    for name in attrs.fields_dict(type(first)):
        here, there = getattr(first, name), getattr(second, name)
        if name not in {*BESIDE, *attrs.fields_dict(type(first.folding))} and not np.array_equal(here, there):
            told = "" if isinstance(here, np.ndarray) else f": {here}, and {there} in FINN+'s graph"
            raise _different(f"its {name} differ{told}", first)
    ours: Any = getattr(first, "thresholds", None)
    theirs: Any = getattr(second, "thresholds", None)
    if (ours is None) != (theirs is None):
        raise _different("only one of the two has thresholds", first)
    if ours is not None:
        _thresholds(found, first, ours, theirs)


def _said(layer: Layer) -> str:
    return f"{layer.output.shape} of {layer.output.type}"


def _thresholds(found: Second, layer: Layer, ours: Integers, theirs: Integers) -> None:
    import numpy as np

    operator = found.thresholds[layer.name]
    low, high = operator.source.low, operator.source.high + 1
    if theirs.shape != ours.shape:
        raise _different(f"it has {ours.shape[1]} thresholds, and {theirs.shape[1]} in FINN+'s graph", layer)
    here, there = (np.clip(part, low, high) for part in (ours, theirs))
    borders = np.clip(np.repeat(operator.borders, ours.shape[1] // operator.borders.shape[1], axis=1), low - 1, high)
    error = ROUNDINGS * (np.abs(borders) + 2 * operator.reach[:, None] + 1)
    possible = (np.ceil(borders - error) <= there) & (there <= np.floor(borders + error) + 1)
    wrong = (here != there) & ~possible
    found.compared += here.size
    if wrong.any():
        channel, step = (int(i) for i in np.argwhere(wrong)[0])
        raise _different(
            f"threshold {step} of channel {channel} is {there[channel, step]:g} in FINN+'s graph, and "
            f"{here[channel, step]:g} here: the border is at {borders[channel, step]:.9g}",
            layer,
        )
    found.off += int((here != there).sum())


def _different(what: str, layer: Layer) -> LoweredOtherwise:
    return LoweredOtherwise(f"layer {layer.said}: {what}")
