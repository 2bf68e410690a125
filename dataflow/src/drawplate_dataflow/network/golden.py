# SPDX-License-Identifier: Apache-2.0
"""The golden model: what every stream carries, in exact integers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from drawplate.errors import ModelError
from drawplate_dataflow.network.network import Network
from drawplate_dataflow.network.stream import INPUT
from drawplate_dataflow.network.types import Integers

BYTES = 1 << 28
"""Of the values of one batch, if all were kept."""


def run(network: Network, images: Integers) -> Integers:
    """Return the values that leave the network.

    Args:
        network: the network.
        images: values on the input stream, [N, height, width, channels] (or anything that reshapes to it).

    Returns:
        [N, height, width, channels] of the output stream.
    """
    return run_all(network, images)[network.layers[-1].name]


def outputs(network: Network, codes: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return what the model gives for what it takes, a batch at a time: integers that leave it, scaled by the host.

    Args:
        network: the network.
        codes: shape (N, ...), as the model takes them.

    Returns:
        [N, outputs].
    """
    whole, step = np.asarray(codes).astype(np.int64), batch(network)
    last = network.layers[-1].name
    parts = [
        run_all(network, network.frames(whole[start : start + step]), keep=(last,))[last]
        for start in range(0, len(whole), step)
    ]
    return network.scaled(np.concatenate(parts))


def batch(network: Network) -> int:
    """Return how many frames are run at a time."""
    each = sum(stream.elements for stream in network.streams.values())
    return max(1, min(500, BYTES // (8 * each)))


def run_all(network: Network, images: Integers, keep: Collection[str] | None = None) -> dict[str, Integers]:
    """Return the values on streams by name, [N, height, width, channels] each.

    Args:
        network: the network.
        images: values on the input stream, [N, height, width, channels] (or anything that reshapes to it).
        keep: streams that are wanted; all, ``input`` included, where left out.

    Raises:
        ModelError: when a value does not fit the type of its stream, which the hardware would cut off.
    """
    start = np.asarray(images, np.int64).reshape(-1, *network.input.shape)
    values = {INPUT: start}
    _check(INPUT, start, network.input.type.low, network.input.type.high)
    waiting = Counter(name for layer in network.layers for name in layer.inputs)
    for layer in network.layers:
        result = layer.evaluate(*(values[name] for name in layer.inputs))
        result = result.reshape(len(start), *layer.output.shape)
        _check(layer.said, result, layer.output.type.low, layer.output.type.high)
        values[layer.name] = result
        waiting.subtract(layer.inputs)
        for name in layer.inputs:
            if keep is not None and not waiting[name] and name not in keep:
                values.pop(name, None)
    return values


def _check(name: str, values: Integers, low: int, high: int) -> None:
    if values.size and (values.min() < low or values.max() > high):
        raise ModelError(
            f"values {values.min()} .. {values.max()} do not fit the stream's {low} .. {high}", where=f"layer {name}"
        )
